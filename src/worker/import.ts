/** The worker that imports images: it reads, decodes, resamples and keeps them, so that the page stays free. */
import { build, preview, previewRows, type Summary, summaryOf, Troubled } from '../data/own/build.ts';
import { type Choices, type Decode, type Found, type OwnFile, sentenceOf, shapes, type Trouble } from '../data/own/found.ts';
import { openFiles } from '../data/own/open.ts';
import { type OwnInfo, openStore } from '../data/own/store.ts';
import type { ImageGrid } from './protocol.ts';

export type ToImporter =
  | { readonly type: 'open'; readonly files: readonly OwnFile[] }
  | { readonly type: 'preview'; readonly choices: Choices }
  | { readonly type: 'keep'; readonly choices: Choices; readonly id: string; readonly created: string };

export type Preview = {
  readonly images: ImageGrid;
  readonly labels: readonly number[];
  readonly troubles: readonly Trouble[];
};

export type FromImporter =
  | { readonly type: 'found'; readonly summary: Summary }
  | { readonly type: 'preview'; readonly preview: Preview }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'kept'; readonly info: OwnInfo }
  /** What was asked for cannot be done; `troubles` could be left out. */
  | { readonly type: 'refused'; readonly message: string; readonly troubles: readonly Trouble[] };

type Scope = { postMessage(message: FromImporter): void; onmessage: ((event: MessageEvent<ToImporter>) => void) | null };
const scope = self as unknown as Scope;

/** Images in a preview. */
const shown = 24;
/** Milliseconds between two words about progress. */
const pace = 100;

const decode: Decode = async (bytes) => {
  const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), {
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, rgba: context.getImageData(0, 0, width, height).data };
};

let found: Found | null = null;
const need = (): Found => {
  if (!found) throw new Error('No files are open; choose some first');
  return found;
};

async function show(choices: Choices): Promise<Preview> {
  const set = need();
  const rows = previewRows(set, choices, shown);
  const made = await preview(set, choices, rows);
  const good = made.flatMap((image, i) => (image instanceof Uint8Array ? [{ image, row: rows[i]! }] : []));
  const shape = shapes[choices.kind];
  const pixels = new Uint8Array(good.length * shape[0] * shape[1] * shape[2]);
  good.forEach(({ image }, i) => void pixels.set(image, i * image.length));
  const labels = set.labelings[choices.labeling]?.labels;
  return {
    images: { n: good.length, shape, pixels },
    labels: good.map(({ row }) => labels?.[row] ?? 0),
    troubles: made.filter((image): image is Trouble => !(image instanceof Uint8Array)),
  };
}

async function keep({ choices, id, created }: Extract<ToImporter, { type: 'keep' }>): Promise<OwnInfo> {
  let last = 0;
  const progress = (done: number, total: number) => {
    if (performance.now() - last < pace && done < total) return;
    last = performance.now();
    scope.postMessage({ type: 'progress', done, total });
  };
  const set = await build(need(), choices, { id, created, progress });
  const store = openStore();
  try {
    await store.put(set);
  } finally {
    store.close();
  }
  return set.info;
}

async function answer(request: ToImporter): Promise<FromImporter> {
  if (request.type === 'preview') return { type: 'preview', preview: await show(request.choices) };
  if (request.type === 'keep') return { type: 'kept', info: await keep(request) };
  found = await openFiles(request.files, decode);
  return { type: 'found', summary: summaryOf(found) };
}

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage(await answer(data));
  } catch (error) {
    const troubles = error instanceof Troubled ? error.troubles : [];
    const message = error instanceof Troubled ? error.message : sentenceOf(error, 'What you chose');
    scope.postMessage({ type: 'refused', message, troubles });
  }
};
