import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTitle } from '../app/useTitle.ts';

/** An address that leads nowhere, with the nearest one that does. */
export function NotFound({ what }: { what?: string }) {
  useTitle('Not found');
  return (
    <Stack gap="sm" maw={640}>
      <Title order={1} size="h2">
        Nothing here
      </Title>
      <Text>{what ?? 'This address belongs to no page of the lab.'}</Text>
      <Anchor component={Link} to="/">
        See all methods
      </Anchor>
    </Stack>
  );
}
