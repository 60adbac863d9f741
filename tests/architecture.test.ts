import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
/** Without comments, whose words are not code. */
const code = (file: string) => read(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
/** What a file imports, as paths from the root; addresses of assets (?url, ?raw) are no code. */
const imports = (file: string, text = code(file)) =>
  [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^'?]+)'/g)].map(([, name]) =>
    name!.startsWith('.') ? relative(root, join(root, dirname(file), name!)) : name!,
  );

const source = filesIn('src');
const everything = [...source, ...filesIn('demos')];

/** A file may import from its own floor and from those below. */
const floors = [
  ['src/tf.ts', 'src/hparams.ts', 'src/nearest.ts', 'src/zod.ts'],
  ['src/ops'],
  ['src/losses', 'src/data', 'src/nets'],
  ['src/methods'],
  ['src/train', 'src/evaluate'],
  ['src/worker', 'src/index.ts'],
  ['demos'],
];
const floorOf = (file: string) => floors.findIndex((rooms) => rooms.some((room) => file === room || file.startsWith(`${room}/`)));

test('the parser finds imports, and every file of src lies on a floor', () => {
  expect(imports('src/methods/simclr.ts')).toContain('src/losses/contrastive.ts');
  expect(imports('src/tf.ts')).toContain('@tensorflow/tfjs-backend-wasm');
  expect(source.filter((file) => floorOf(file) < 0)).toEqual([]);
});

test('imports point downwards only', () => {
  const upward = everything.flatMap((file) =>
    imports(file)
      .filter((name) => /^(src|demos)\//.test(name) && floorOf(name) > floorOf(file))
      .map((name) => `${file} imports ${name}`),
  );
  expect(upward).toEqual([]);
});

test('losses know neither nets nor data; nets know no losses', () => {
  const between = (from: string, to: string) =>
    source.filter((file) => file.startsWith(from) && imports(file).some((name) => name.startsWith(to)));
  expect(between('src/losses', 'src/nets')).toEqual([]);
  expect(between('src/losses', 'src/data')).toEqual([]);
  expect(between('src/nets', 'src/losses')).toEqual([]);
});

test('only src/tf.ts imports tfjs', () => {
  const offenders = everything.filter((file) => file !== 'src/tf.ts' && imports(file).some((name) => name.startsWith('@tensorflow/')));
  expect(offenders).toEqual([]);
});

test('only src/zod.ts imports zod', () => {
  expect(everything.filter((file) => file !== 'src/zod.ts' && imports(file).includes('zod'))).toEqual([]);
});

/** Everything that is loaded with these files, or later on demand, with who asks for it. Type imports are gone when the code runs. */
function reachedFrom(files: readonly string[]): Map<string, string> {
  const loaded = (file: string) => imports(file, code(file).replace(/\b(import|export) type [^;]*;/g, ''));
  const from = new Map(files.map((file) => [file, '']));
  for (const file of from.keys()) if (/\.tsx?$/.test(file)) for (const name of loaded(file)) if (!from.has(name)) from.set(name, file);
  return from;
}

test.each([
  ['page', filesIn('demos'), 'src/worker/client.ts'],
  ['projection worker', ['src/worker/projection-worker.ts'], 'src/evaluate/projection/umap.ts'],
])('no %s reaches tfjs: it belongs to the training worker', (_, files, known) => {
  const from = reachedFrom(files);
  expect(from.has(known)).toBe(true);
  const reached = [...from].filter(([name]) => name === 'src/tf.ts' || name.startsWith('@tensorflow/'));
  expect(reached.map(([name, file]) => `${name} by ${file}`)).toEqual([]);
});

test('src imports no React and no page', () => {
  const pages = /^(react|@mantine|@tanstack|recharts|katex|demos\/)|\.(css|mdx|tsx)$/;
  expect(source.filter((file) => imports(file).some((name) => pages.test(name)))).toEqual([]);
});

describe('forbidden in src', () => {
  const forbidden: readonly { what: string; pattern: RegExp; rooms?: string }[] = [
    { what: 'a page', pattern: /\b(document|window|localStorage|sessionStorage)\s*[.[]|requestAnimationFrame/ },
    { what: 'unseeded random numbers', pattern: /Math\.random/ },
    { what: "tfjs's own random numbers", pattern: /tf\.(random|multinomial|dropout|truncatedNormal)/ },
    { what: 'reading back while the device waits', pattern: /\b(dataSync|arraySync|bufferSync)\b/ },
    {
      // Why, and what is repaired instead: tests/ops/hazards.test.ts. Only src/ops/kernels may, to repair.
      what: 'ops of tfjs that are wrong, slow, or without a gradient',
      pattern:
        /tf\.(einsum|topk|gatherND|scatterND|tensorScatterUpdate|stridedSlice|prod|cumprod|diag|complex|real|imag|fft|ifft|rfft|irfft|spectral|signal|meshgrid|linalg|unique|tile|depthToSpace|mirrorPad|norm|divNoNan|where|greater|greaterEqual|less|lessEqual|equal|notEqual|argMax|argMin|tanh|leakyRelu|image\.(?!transform))\b|'NCHW'|halfPixelCenters|'reflect'/,
      rooms: 'src/(?!ops/kernels)',
    },
    { what: 'gradients at ties and at zero', pattern: /tf\.(max|min|sqrt|cumsum)\b/, rooms: 'src/(losses|methods|nets)/' },
    { what: "tfjs's own optimizers", pattern: /tf\.train\./ },
    {
      what: 'branching on the method',
      pattern: /\bmethod\.id\s*[!=]==?|[!=]==?\s*\w*method\.id\b|'(simclr|byol|vae|realnvp|deepcluster|notears)'/,
      rooms: 'src/(?!methods)',
    },
    { what: 'any', pattern: /[:<,|&]\s*any\b|\bas any\b/, rooms: 'src/(losses|methods|nets|train)/' },
    { what: 'keeping and disposing tensors', pattern: /tf\.(keep|dispose|tidy)\b|\.dispose\(/, rooms: 'src/(losses|methods|nets)/' },
  ];
  test.each(forbidden)('$what', ({ pattern, rooms = '' }) => {
    const lines = source
      .filter((file) => new RegExp(`^${rooms}`).test(file))
      .flatMap((file) =>
        code(file)
          .split('\n')
          .filter((line) => pattern.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(lines).toEqual([]);
  });
});

test('no file of src is longer than 300 lines', () => {
  expect(source.filter((file) => read(file).split('\n').length > 300)).toEqual([]);
});
