import * as tf from '../tf.ts';

/** The graphics device is gone, and with it everything that lay on it. */
export class DeviceLost extends Error {
  override name = 'DeviceLost';
}

/** What tfjs's GPU backends hold; the others have neither. */
type Gpu = {
  readonly device?: { readonly lost: Promise<{ readonly message: string }> };
  readonly gpgpu?: { readonly gl: { readonly canvas: Pick<EventTarget, 'addEventListener'> } };
};

/** Milliseconds within which a lost WebGPU device says so, on a busy machine too. */
const hearsay = 3000;

export type Watch = {
  /** The work's own outcome; rejects with `DeviceLost` if the device goes meanwhile, or if no answer came after `seconds`. */
  guard<T>(work: Promise<T>, seconds?: number): Promise<T>;
};

/** Watches the device of a backend: WebGL never settles a read after it is lost, and WebGPU's backend ignores the loss. */
export function watchDevice(backend: object = tf.backend()): Watch {
  const { device, gpgpu } = backend as Gpu;
  const waiting = new Set<(error: DeviceLost) => void>();
  let lost: DeviceLost | null = null;
  const lose = (reason: string) => {
    lost ??= new DeviceLost(`The graphics device was lost${reason ? `: ${reason}` : ''}`);
    for (const reject of waiting) reject(lost);
  };
  void device?.lost.then(({ message }) => lose(message));
  gpgpu?.gl.canvas.addEventListener('webglcontextlost', () => lose(''));

  return {
    guard: (work, seconds) =>
      new Promise((resolve, reject) => {
        const timer =
          seconds && (device || gpgpu) ? setTimeout(() => lose(`it gave no answer for ${seconds} seconds`), seconds * 1000) : undefined;
        const settled = () => {
          waiting.delete(reject);
          clearTimeout(timer);
        };
        waiting.add(reject);
        if (lost) reject(lost);
        // A read from a lost device may fail before the loss itself is told: wait for the better reason.
        const fail = async (error: unknown) => {
          if (device) await Promise.race([device.lost, new Promise((wait) => setTimeout(wait, hearsay))]);
          reject(error);
        };
        work.then(resolve, fail).finally(settled);
      }),
  };
}
