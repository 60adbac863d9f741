import { afterEach, describe, expect, it } from 'vitest';
import { acceptedData, catalogue, declareOwn, loadMethods, settingsOn } from '../../demos/app/catalogue.ts';
import { type Importer, openImporter } from '../../demos/app/importing.ts';
import { readSearch, toSearch } from '../../demos/app/search.ts';
import type { DatasetInfo } from '../../src/data/datasets.ts';
import type { OwnInfo } from '../../src/data/own/store.ts';
import type { FromImporter, Preview, ToImporter } from '../../src/worker/import.ts';

await loadMethods();
const { methods, datasets } = catalogue;
const info = (id: string, shape: DatasetInfo['shape']): DatasetInfo => ({
  id,
  name: `Set ${id}`,
  kind: 'images',
  shape,
  summary: '',
  classes: ['a', 'b'],
});

describe('own sets in the catalogue', () => {
  afterEach(() => declareOwn([]));

  it('are accepted by every method on images, with the settings of their shape', () => {
    const before = acceptedData(methods.simclr!);
    declareOwn([info('own-1', [28, 28, 1]), info('own-2', [32, 32, 3])]);
    expect(acceptedData(methods.simclr!)).toEqual([...before, 'own-1', 'own-2']);
    for (const method of Object.values(methods)) {
      expect(settingsOn(method, 'own-1')).toBe(method.settings.mnist);
      expect(settingsOn(method, 'own-2')).toBe(method.settings.cifar10);
    }
    const { spec, specs, problems } = readSearch(methods.simclr!, datasets, { data: 'own-2', seed: 3, flip: false });
    expect([spec.data, problems]).toEqual(['own-2', []]);
    expect(toSearch(spec, specs, 'mnist')).toEqual({ data: 'own-2', seed: 3, flip: false });
    expect(readSearch(methods.simclr!, datasets, { data: 'own-1', flip: false }).problems).toEqual([
      'flip is no setting of SimCLR on Set own-1; it is left out',
    ]);
    declareOwn([info('own-2', [28, 28, 1])]);
    expect(acceptedData(methods.simclr!)).toEqual([...before, 'own-2']);
    expect(datasets).not.toHaveProperty('own-1');
  });

  it('that are not on this device are named, and not listed among the others', () => {
    declareOwn([info('own-1', [28, 28, 1])]);
    const { spec, problems } = readSearch(methods.simclr!, datasets, { data: 'own-x' });
    expect(spec.data).toBe('mnist');
    expect(problems[0]).toBe(
      'data names a set of your own that is not on this device (own-x): import it on the Data page; "mnist" is used instead',
    );
    expect(readSearch(methods.simclr!, datasets, { data: 'moons' }).problems[0]).toMatch(/must be one of mnist, cifar10, got/);
  });
});

/** An importer whose worker is the test. */
function stage() {
  const sent: ToImporter[] = [];
  const ports: { onmessage: ((event: MessageEvent) => void) | null; onerror: unknown; ended: boolean }[] = [];
  let kept = 0;
  const importer: Importer = openImporter({
    connect: () => {
      const port = {
        onmessage: null,
        onerror: null,
        onmessageerror: null,
        ended: false,
        postMessage: (message: ToImporter) => void sent.push(message),
        terminate: () => {},
      };
      port.terminate = () => {
        port.ended = true;
      };
      ports.push(port);
      return port;
    },
    id: () => 'own-new',
    now: () => '2030-01-01T00:00:00.000Z',
    onKept: () => kept++,
  });
  const say = (message: FromImporter, port = ports.at(-1)!) => port.onmessage?.({ data: message } as MessageEvent);
  return { importer, sent, ports, say, kept: () => kept };
}
const files = [{ path: 'x.zip', blob: new Blob([]) }];
const found: FromImporter = {
  type: 'found',
  summary: {
    format: 'NumPy',
    name: 'x',
    size: 50,
    troubles: [],
    labelings: [{ name: 'label', classes: [{ name: 'a', count: 50 }] }],
    heldOut: null,
  },
};
const picture = (n: number): Preview => ({ images: { n, shape: [32, 32, 3], pixels: new Uint8Array(n * 3072) }, labels: [], troubles: [] });

describe('an import', () => {
  it('is reviewed, shown anew as choices change but once at a time, and kept', () => {
    const { importer, sent, say, ports, kept } = stage();
    importer.open(files);
    expect(importer.get()).toEqual({ step: 'opening', what: 'x.zip' });
    say(found);
    expect(importer.get()).toMatchObject({ step: 'review', choices: { name: 'x', labeling: 0, kind: 'colour', most: 50 }, preview: null });
    importer.choose({ fit: 'stretch' });
    importer.choose({ fit: 'fit' });
    expect(sent.map(({ type }) => type)).toEqual(['open', 'preview']);
    say({ type: 'preview', preview: picture(1) });
    expect(sent.at(-1)).toMatchObject({ type: 'preview', choices: { fit: 'fit' } });
    say({ type: 'preview', preview: picture(2) });
    importer.choose({ name: 'Mine' });
    expect(sent).toHaveLength(3);
    importer.keep();
    expect(sent.at(-1)).toMatchObject({
      type: 'keep',
      id: 'own-new',
      created: '2030-01-01T00:00:00.000Z',
      choices: { name: 'Mine', fit: 'fit' },
    });
    say({ type: 'progress', done: 20, total: 50 });
    expect(importer.get()).toMatchObject({ step: 'keeping', done: 20, total: 50 });
    say({ type: 'kept', info: { id: 'own-new', name: 'Mine' } as OwnInfo });
    expect(importer.get()).toMatchObject({ step: 'idle', failure: null, kept: { name: 'Mine' } });
    expect([kept(), ports[0]!.ended]).toEqual([1, true]);
  });

  it('that meets troubles goes back to the review with all of them', () => {
    const { importer, say } = stage();
    importer.open(files);
    say(found);
    say({ type: 'preview', preview: { ...picture(1), troubles: [{ file: 'a', message: 'a is bad' }] } });
    importer.keep();
    say({
      type: 'refused',
      message: 'a is bad',
      troubles: [
        { file: 'a', message: 'a is bad' },
        { file: 'b', message: 'b is bad' },
      ],
    });
    expect(importer.get()).toMatchObject({ step: 'review', refusal: 'a is bad', troubles: [{ file: 'a' }, { file: 'b' }] });
  });

  it('is refused, crashes or is cancelled without a trace; what a worker that is gone still says is not heard', () => {
    const { importer, say, ports } = stage();
    importer.open(files);
    say({ type: 'refused', message: 'x.zip is empty', troubles: [] });
    expect(importer.get()).toEqual({ step: 'idle', failure: 'x.zip is empty', kept: null });
    importer.open(files);
    const [, second] = ports;
    importer.cancel();
    say(found, second);
    expect(importer.get()).toEqual({ step: 'idle', failure: null, kept: null });
    importer.open(files);
    (ports[2]!.onerror as (event: object) => void)({});
    expect(importer.get()).toMatchObject({ step: 'idle', failure: expect.stringContaining('crashed; nothing was kept') });
    expect(ports.every(({ ended }) => ended)).toBe(true);
  });
});
