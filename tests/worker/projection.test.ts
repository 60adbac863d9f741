import { describe, expect, it } from 'vitest';
import type { Port } from '../../src/worker/client.ts';
import {
  Cancelled,
  type Frame,
  type FromProjector,
  openProjector,
  type Projection,
  type ToProjector,
} from '../../src/worker/projection.ts';
import { serveProjection } from '../../src/worker/projection-server.ts';

const projection = (method: Projection['method'] = 'pca', n = 40): Projection => ({
  method,
  amount: 10,
  features: { values: Float32Array.from({ length: 3 * n }, (_, at) => Math.sin(at * at)), columns: 3 },
  start: null,
});

/** Workers that only remember. */
function fakes() {
  const made: { port: Port; asked: ToProjector[]; ended: boolean; say: (message: FromProjector) => void }[] = [];
  const create = (): Port => {
    const fake = {
      asked: [] as ToProjector[],
      ended: false,
      say: (data: FromProjector) => fake.port.onmessage?.call(fake.port as Worker, { data } as MessageEvent),
      port: {
        onmessage: null,
        onmessageerror: null,
        onerror: null,
        postMessage: (message: ToProjector) => fake.asked.push(message),
        terminate: () => {
          fake.ended = true;
        },
      } as Port,
    };
    made.push(fake);
    return fake.port;
  };
  return { made, projector: openProjector(create) };
}
const outcome = (asked: Promise<unknown>) =>
  asked.then(
    () => 'done',
    (error: unknown) => error,
  );
const projected = { points: Float32Array.of(1, 2), trust: null };

describe('the client of the projection worker', () => {
  it('opens one worker, tells of frames and answers; the worker stays for the next picture', async () => {
    const { made, projector } = fakes();
    expect(made).toHaveLength(0);
    const frames: Frame[] = [];
    const first = projector.project(projection(), (frame) => frames.push(frame));
    const { asked, say } = made[0]!;
    say({ type: 'frame', id: asked[0]!.id, points: Float32Array.of(0, 0), done: 3, total: 9 });
    say({ type: 'projected', id: asked[0]!.id, projected });
    expect(await first).toEqual(projected);
    expect(frames.map(({ done, total }) => [done, total])).toEqual([[3, 9]]);
    const second = projector.project(projection());
    // What comes late of an earlier picture belongs to nobody.
    say({ type: 'refused', id: asked[0]!.id, message: 'late' });
    say({ type: 'projected', id: asked[1]!.id, projected });
    await second;
    expect(made).toHaveLength(1);
  });

  it('ends the worker to cancel; the next picture gets a new one, and so does one that comes in between', async () => {
    const { made, projector } = fakes();
    const [first] = [outcome(projector.project(projection('umap')))];
    projector.cancel();
    expect(await first).toBeInstanceOf(Cancelled);
    expect(made[0]!.ended).toBe(true);
    const second = outcome(projector.project(projection('umap')));
    const third = projector.project(projection('tsne'));
    expect(await second).toBeInstanceOf(Cancelled);
    expect(made.map(({ ended }) => ended)).toEqual([true, true, false]);
    made[2]!.say({ type: 'projected', id: made[2]!.asked[0]!.id, projected });
    expect(await third).toEqual(projected);
    // Nothing is under way: the idle worker stays.
    projector.cancel();
    expect(made[2]!.ended).toBe(false);
  });

  it('says why there is no picture: refused, or the worker crashed', async () => {
    const { made, projector } = fakes();
    const refused = outcome(projector.project(projection()));
    made[0]!.say({ type: 'refused', id: made[0]!.asked[0]!.id, message: 'too few' });
    expect(await refused).toMatchObject({ message: 'too few' });
    const crashed = outcome(projector.project(projection()));
    const { port } = made[0]!;
    port.onerror?.call(port as Worker, { message: 'boom', preventDefault: () => {} } as ErrorEvent);
    expect(await crashed).toMatchObject({ message: expect.stringContaining('crashed: boom') });
    void outcome(projector.project(projection()));
    expect(made).toHaveLength(2);
  });
});

describe('the projection worker', () => {
  it('posts frames, then the picture', () => {
    const posted: FromProjector[] = [];
    let clock = 0;
    serveProjection(
      { id: 7, projection: projection('tsne') },
      (message) => posted.push(message),
      () => (clock += 30),
    );
    expect(posted.length).toBeGreaterThan(3);
    expect(posted.every(({ id }) => id === 7)).toBe(true);
    const frames = posted.slice(0, -1);
    expect(frames.every((message) => message.type === 'frame' && message.points.length === 80 && message.done < message.total)).toBe(true);
    expect(posted.at(-1)).toMatchObject({ type: 'projected', projected: { trust: { rows: 40 } } });
  });

  it('refuses in words', () => {
    const posted: FromProjector[] = [];
    serveProjection({ id: 1, projection: projection('umap', 2) }, (message) => posted.push(message));
    expect(posted).toEqual([{ type: 'refused', id: 1, message: expect.stringContaining('2 rows of 3 columns') }]);
  });
});
