const known = new Map<string, Promise<string>>();

/**
 * TypeScript as HTML, in colours for both schemes. A worker does it and ends: reading the grammar takes longer than the
 * page may stand still while a method trains.
 */
export function highlight(code: string): Promise<string> {
  let html = known.get(code);
  if (!html) {
    html = new Promise<string>((resolve, reject) => {
      const worker = new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module', name: 'highlight' });
      worker.onmessage = ({ data }: MessageEvent<string>) => {
        worker.terminate();
        resolve(data);
      };
      worker.onerror = () => {
        worker.terminate();
        known.delete(code);
        reject(new Error('The source could not be highlighted'));
      };
      worker.postMessage(code);
    });
    known.set(code, html);
  }
  return html;
}
