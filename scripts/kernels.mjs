/**
 * Compiles the vector kernels (src/ops/kernels/assembly, AssemblyScript) to WebAssembly, and writes them as text that src/ imports:
 * so they need no fetch, and work the same in a worker, in Node and in tests. The text is committed; a test compares it with its source.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../src/ops/kernels/assembly/', import.meta.url));

/** The compiled module in base 64. Throws with the compiler's words if it does not compile. */
async function compile(more) {
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory', ...more];
  let binary = null;
  const { error, stderr } = await asc.main(['index.ts', '--baseDir', folder, '--outFile', 'module.wasm', ...options], {
    writeFile: (name, contents) => {
      if (name === 'module.wasm') binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`The wasm kernels do not compile: ${stderr.toString()}`);
  return Buffer.from(binary).toString('base64');
}

/** The text of the module that src/ imports: one build for a memory of its own thread, one for a memory that threads share. */
export async function kernels() {
  const builds = {
    plain: [],
    // tfjs's own limit of 4 GiB; a shared memory needs one.
    shared: ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
  };
  let text = '// Compiled from the files beside it by scripts/kernels.mjs: change those, then run `npm run kernels`.\n';
  for (const [name, options] of Object.entries(builds)) text += `export const ${name} =\n  '${await compile(options)}';\n`;
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(`${folder}binary.ts`, await kernels());
}
