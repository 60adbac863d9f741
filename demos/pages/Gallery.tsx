import { Anchor, Badge, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { acceptedData, cards, catalogue, families, type MethodCard } from '../app/catalogue.ts';
import { useTitle } from '../app/useTitle.ts';
import css from './Gallery.module.css';

/** The front page: every method by family. */
export function Gallery() {
  useTitle('');
  const { datasets } = catalogue;
  const all = Object.values(cards);
  return (
    <Stack gap={36}>
      <section className={css.intro}>
        <Title order={1} className={css.headline}>
          Learning without labels, live in this page
        </Title>
        <Text className={css.lead}>
          Pick a method, press <strong>Train</strong>, and watch it learn real images. Change a setting and see what it was for; break it
          and see how it fails.
        </Text>
        <Text size="sm" c="dimmed">
          Everything runs on this machine, in a background thread of your browser: nothing is sent anywhere, and no account is needed. The{' '}
          <Anchor component={Link} to="/data" inherit underline="always">
            data
          </Anchor>{' '}
          are served beside the page.
        </Text>
      </section>
      <div className={css.families}>
        {Object.entries(families).map(([family, { title, idea }]) => {
          const members = all.filter((method) => method.family === family);
          return (
            members.length > 0 && (
              <section key={family} aria-labelledby={`family-${family}`} className={css.family} data-wide={members.length > 1 || undefined}>
                <div>
                  <Title order={2} size="h4" id={`family-${family}`}>
                    {title}
                  </Title>
                  <Text size="sm" c="dimmed">
                    {idea}
                  </Text>
                </div>
                <div className={css.cards}>
                  {members.map((method) => (
                    <Card key={method.id} method={method} data={shorten(acceptedData(method).map((id) => datasets[id]!))} />
                  ))}
                </div>
              </section>
            )
          );
        })}
      </div>
    </Stack>
  );
}

/** Names of the sets of images; the densities are too many for a card. */
const shorten = (sets: readonly { name: string; kind: string }[]): string[] => {
  const points = sets.filter(({ kind }) => kind === 'points');
  const images = sets.filter(({ kind }) => kind !== 'points').map(({ name }) => name);
  if (sets.some(({ kind }) => kind === 'simulated')) return ['simulated'];
  return points.length > 0 ? [...images, `${points.length} densities in 2-D`] : images;
};

function Card({ method, data }: { method: MethodCard; data: readonly string[] }) {
  return (
    <Link to="/method/$id" params={{ id: method.id }} className={`card ${css.card}`}>
      <Text component="span" className={css.name}>
        {method.name}
      </Text>
      <Text component="span" size="sm" c="dimmed">
        {method.paper.authors}, {method.paper.year}
      </Text>
      <Text component="span" className={css.summary}>
        {method.summary}
      </Text>
      <Group gap={6} mt="auto" component="span">
        {data.map((name) => (
          <Badge key={name} component="span" variant="outline" color="gray" tt="none" fw={500} className={css.badge!}>
            {name}
          </Badge>
        ))}
      </Group>
    </Link>
  );
}
