/** What a machine offers, found without loading any backend. Everything comes through globalThis: worker, page and Node differ. */

/** `software` works, but slower than wasm. */
export type Offer = { readonly state: 'ready' | 'software' | 'absent'; readonly reason: string };

type AdapterInfo = { readonly vendor?: string; readonly architecture?: string; readonly device?: string; readonly description?: string };
type Adapter = { readonly info?: AdapterInfo & { readonly isFallbackAdapter?: boolean }; readonly isFallbackAdapter?: boolean };
type Gl = {
  readonly RENDERER: number;
  getParameter(name: number): unknown;
  getExtension(name: 'WEBGL_debug_renderer_info'): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getExtension(name: 'WEBGL_lose_context'): { loseContext(): void } | null;
};
type Scope = {
  readonly navigator?: {
    readonly userAgent?: string;
    readonly maxTouchPoints?: number;
    readonly hardwareConcurrency?: number;
    readonly gpu?: { requestAdapter(o: { powerPreference: 'high-performance' }): Promise<Adapter | null> };
  };
  readonly OffscreenCanvas?: new (width: number, height: number) => { getContext(kind: 'webgl2'): Gl | null };
  readonly crossOriginIsolated?: boolean;
  readonly process?: { readonly versions?: { readonly node?: string } };
};
export const scope = globalThis as unknown as Scope;

const software = (name: string) => /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
const named = (name: string) => (name.trim() ? ` (${name.trim()})` : '');

export async function offersWebGPU(): Promise<Offer> {
  const gpu = scope.navigator?.gpu;
  if (!gpu) return { state: 'absent', reason: 'WebGPU is not offered here (old browser, page without HTTPS, or no browser).' };
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) return { state: 'absent', reason: 'WebGPU finds no graphics card that it may use.' };
  const { vendor = '', architecture = '', device = '', description = '' } = adapter.info ?? {};
  const name = description || [vendor, architecture].filter(Boolean).join(' ');
  if (adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter || software(`${name} ${architecture} ${device}`)) {
    return { state: 'software', reason: `WebGPU runs in software here${named(name)}, slower than WebAssembly.` };
  }
  return { state: 'ready', reason: `WebGPU runs on the graphics card${named(name)}.` };
}

export function offersWebGL(): Offer {
  const Canvas = scope.OffscreenCanvas;
  const gl = Canvas ? new Canvas(1, 1).getContext('webgl2') : null;
  if (!gl) return { state: 'absent', reason: 'WebGL 2 is not offered here.' };
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER) ?? '');
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  if (software(name)) return { state: 'software', reason: `WebGL runs in software here${named(name)}, slower than WebAssembly.` };
  return { state: 'ready', reason: `WebGL runs on the graphics card${named(name)}.` };
}

// Read once: wasm's start-up code is later shown another number.
const cores = scope.navigator?.hardwareConcurrency ?? 1;
const agent = scope.navigator?.userAgent ?? '';
// An iPad says it is a Macintosh; only its touch points give it away, where they can be read.
const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && (scope.navigator?.maxTouchPoints ?? 0) > 1);

/** How many threads wasm should use (one core is left to the page), and why if it is one. */
export function threadsFor(asked: number | undefined): { threads: number; why: string } {
  if (scope.process?.versions?.node) return { threads: 1, why: 'tfjs has no more in Node' };
  if (!scope.crossOriginIsolated) return { threads: 1, why: 'more need a page served with COOP and COEP headers' };
  // Safari on iOS cannot reserve the memory that the threaded module declares.
  if (ios) return { threads: 1, why: 'more run out of memory on iOS' };
  // Every parallel loop waits for the last thread: one without a core of its own slows the rest.
  if (asked === undefined && cores <= 2) return { threads: 1, why: `more are slower on ${cores} cores` };
  return { threads: Math.max(1, asked ?? Math.min(4, cores - 1)), why: '' };
}
