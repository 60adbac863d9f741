import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { RunRecord } from '../../../src/train/record.ts';
import { heldSays, type Held as Says, whoHolds } from '../../app/experiment/held.ts';
import { Problem } from '../Notice.tsx';

/** Says who has a run open that therefore does not open here, with the way there. */
export function Held({ run, onClose }: { run: RunRecord; onClose: () => void }) {
  const [says, setSays] = useState<Says | null>(null);
  useEffect(() => {
    whoHolds(run).then(setSays, () => setSays(heldSays(run, null)));
  }, [run]);
  if (!says) return null;
  const { experiment: id } = says;
  return (
    <Problem failure={says}>
      {id && (
        <Button size="xs" renderRoot={(props) => <Link {...props} to="/experiment/$id" params={{ id }} />}>
          Open the experiment
        </Button>
      )}
      <Button size="xs" variant="default" onClick={onClose}>
        Close
      </Button>
    </Problem>
  );
}
