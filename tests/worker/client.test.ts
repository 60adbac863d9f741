import { describe, expect, it } from 'vitest';
import { Failed, openClient, type Port } from '../../src/worker/client.ts';
import { DeviceLost, watchDevice } from '../../src/worker/device.ts';
import { failureOf, isFatal } from '../../src/worker/failures.ts';
import type { Failure, FromWorker, ToWorker } from '../../src/worker/protocol.ts';
import { small } from './server.ts';

/** Workers that only remember. */
function fakes() {
  const made: { port: Port; asked: ToWorker[]; ended: boolean; say: (message: FromWorker) => void }[] = [];
  const create = (): Port => {
    const port: Port = { onmessage: null, onmessageerror: null, onerror: null, postMessage: () => {}, terminate: () => {} };
    const fake = {
      port,
      asked: [] as ToWorker[],
      ended: false,
      say: (data: FromWorker) => port.onmessage?.call(port as Worker, { data } as MessageEvent),
    };
    port.postMessage = (message: ToWorker) => fake.asked.push(message);
    port.terminate = () => {
      fake.ended = true;
    };
    made.push(fake);
    return port;
  };
  return { made, client: openClient(create) };
}
const start = (backend: 'wasm' | 'webgl' = 'wasm') => ({ type: 'start', spec: small({ backend }), dataUrl: 'data/' }) as const;
const rejection = (asked: Promise<unknown>) =>
  asked.then(
    () => Promise.reject(new Error('Expected a rejection')),
    (error: unknown) => {
      if (!(error instanceof Failed)) throw error;
      return error.failure;
    },
  );

describe('the client', () => {
  it('gives each answer to the one who asked', async () => {
    const { made, client } = fakes();
    void client.ask(start()).catch(() => {});
    const [pause, train] = [client.ask({ type: 'pause' }), client.ask({ type: 'train' })];
    const { asked, say } = made[0]!;
    say({ type: 'reply', id: asked[2]!.id, ok: true, answer: null });
    say({ type: 'reply', id: asked[1]!.id, ok: true, answer: { step: 7 } });
    expect(await train).toBe(null);
    expect(await pause).toEqual({ step: 7 });
  });

  it('needs a start first, and opens no worker before', async () => {
    const { made, client } = fakes();
    expect((await rejection(client.ask({ type: 'train' }))).message).toMatch(/ended/);
    expect(made).toHaveLength(0);
  });

  it('rejects what is pending when it is closed, and ends the worker', async () => {
    const { made, client } = fakes();
    const asked = rejection(client.ask(start()));
    client.close();
    expect((await asked).message).toMatch(/ended/);
    expect(made[0]!.ended).toBe(true);
  });

  it('tells of a crash, rejects what is pending and starts anew in a new worker', async () => {
    const { made, client } = fakes();
    const crashes: Failure[] = [];
    client.onCrash((failure) => crashes.push(failure));
    const asked = rejection(client.ask(start()));
    const { port } = made[0]!;
    port.onerror?.call(port as Worker, { message: 'boom', preventDefault: () => {} } as ErrorEvent);
    expect((await asked).message).toBe('The training worker crashed: boom');
    expect(crashes).toHaveLength(1);
    void client.ask(start()).catch(() => {});
    expect(made).toHaveLength(2);
  });

  it('keeps its worker for the next start, but not for another backend or after a stopped run', async () => {
    const { made, client } = fakes();
    const open = (backend?: 'wasm' | 'webgl') => void client.ask(start(backend)).catch(() => {});
    open();
    open();
    expect(made).toHaveLength(1);
    open('webgl');
    expect(made).toHaveLength(2);
    expect(made[0]!.ended).toBe(true);
    made[1]!.say({ type: 'event', event: { type: 'stopped', failure: { message: '', advice: '' }, checkpoint: null, next: null } });
    open('webgl');
    expect(made).toHaveLength(3);
  });

  it('tells events until it is told to stop', () => {
    const { made, client } = fakes();
    void client.ask(start()).catch(() => {});
    const heard: unknown[] = [];
    const stop = client.onEvent((event) => heard.push(event));
    const say = () => made[0]!.say({ type: 'event', event: { type: 'phase', phase: 'running', step: 1 } });
    say();
    stop();
    say();
    expect(heard).toHaveLength(1);
  });
});

describe('the watch over a device', () => {
  const never = new Promise<never>(() => {});

  it('ends what waits for a lost WebGPU device, and all that comes later', async () => {
    let lose: (info: { message: string }) => void = () => {};
    const lost = new Promise<{ message: string }>((resolve) => {
      lose = resolve;
    });
    const { guard } = watchDevice({ device: { lost } });
    expect(await guard(Promise.resolve(3))).toBe(3);
    const waiting = guard(never);
    lose({ message: 'driver reset' });
    await expect(waiting).rejects.toThrow('The graphics device was lost: driver reset');
    await expect(guard(never)).rejects.toBeInstanceOf(DeviceLost);
  });

  it('names the loss of the device where a read fails before the loss is told', async () => {
    let lose = (_: { message: string }) => {};
    const lost = new Promise<{ message: string }>((resolve) => {
      lose = resolve;
    });
    const waiting = watchDevice({ device: { lost } }).guard(Promise.reject(new Error('aborted')));
    setTimeout(() => lose({ message: '' }), 20);
    await expect(waiting).rejects.toBeInstanceOf(DeviceLost);
    const other = watchDevice({ device: { lost: new Promise(() => {}) } }).guard(Promise.reject(new Error('aborted')));
    await expect(other).rejects.toThrow('aborted');
  });

  it('hears a WebGL context go', async () => {
    const canvas = new EventTarget();
    const { guard } = watchDevice({ gpgpu: { gl: { canvas } } });
    const waiting = guard(never);
    canvas.dispatchEvent(new Event('webglcontextlost'));
    await expect(waiting).rejects.toBeInstanceOf(DeviceLost);
  });

  it('gives up on a read that never comes, on graphics devices alone', async () => {
    const { guard } = watchDevice({ gpgpu: { gl: { canvas: new EventTarget() } } });
    await expect(guard(never, 0.01)).rejects.toThrow('gave no answer for 0.01 seconds');
    const slow = new Promise((resolve) => setTimeout(() => resolve('late'), 50));
    expect(await watchDevice({}).guard(slow, 0.01)).toBe('late');
  });
});

describe('failures in words', () => {
  it('tells a full memory from other errors', () => {
    const full = new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded: out of memory');
    expect(isFatal(full)).toBe(true);
    expect(failureOf(full).advice).toMatch(/smaller batch/);
    expect(isFatal(new Error('Real NVP on Two moons has no "clusters" to show'))).toBe(false);
  });
});
