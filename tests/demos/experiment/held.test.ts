import { expect, it } from 'vitest';
import { heldSays } from '../../../demos/app/experiment/held.ts';
import { experimentOf, withCell } from '../../../demos/app/experiment/record.ts';
import { keptRun } from '../kept-run.ts';

it('a run that does not open says which experiment is training it, or that another tab has it', () => {
  const { record } = keptRun({});
  const made = experimentOf([record.spec], { name: 'Temperature', budget: { kind: 'steps', amount: 10 }, preset: null }, 'its-id');
  const at = (state: 'running' | 'done') => heldSays(record, withCell(made, 0, { run: record.id, state }));
  expect(at('running')).toMatchObject({ message: 'The experiment “Temperature” is training this run.', experiment: 'its-id' });
  const tab = { message: 'This run is open in another tab.', advice: expect.stringContaining('Go on there') };
  expect([at('done'), heldSays(record, null), heldSays(record, withCell(made, 0, { run: 'other', state: 'running' }))]).toEqual([
    tab,
    tab,
    tab,
  ]);
});
