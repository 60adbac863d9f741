/**
 * `npm test [-- files and options of Vitest]`: set-up, data, a browser, then the tests. `--ci` adds lint, types and the build, each
 * counted as one check. Its last line is the count: `N passed, N failed`.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMain, main, npm, root, run, setup } from './setup.mjs';

/** Vitest's JSON report and exit code → counts. A file that could not be loaded, or a crash outside of every test, is one failure. */
export function countTests(report, code) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return { passed: report.numPassedTests, failed: failed || (code === 0 ? 0 : 1) };
}

async function runTests(args) {
  const folder = await mkdtemp(join(tmpdir(), 'unlabeled-'));
  const file = join(folder, 'report.json');
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const options = ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await run(process.execPath, [vitest, ...options], { echo: 'inherit' });
    const report = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
    return report ? countTests(report, code) : { passed: 0, failed: 1 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything, then the count; the exit code is 1 when anything failed. */
async function testAll(args) {
  const total = { passed: 0, failed: 0 };
  await main(async () => {
    await setup();
    const { prepareOrWarn } = await import('./data.mjs');
    await prepareOrWarn();
    const { ensureBrowser } = await import('./browser.mjs');
    process.env.UNLABELED_BROWSER = await ensureBrowser();

    for (const check of args.includes('--ci') ? ['lint', 'types', 'build'] : []) {
      console.log(`\n— ${check}`);
      const { code } = await npm(['run', check, '--silent'], { echo: 'inherit' });
      total[code === 0 ? 'passed' : 'failed']++;
    }
    const { passed, failed } = await runTests(args.filter((arg) => arg !== '--ci'));
    total.passed += passed;
    total.failed += failed;
  });
  // Set-up that failed has set the exit code, and is a failure of its own.
  if (process.exitCode) total.failed++;
  if (total.failed > 0) process.exitCode = 1;
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
}

if (isMain(import.meta.url)) await testAll(process.argv.slice(2));
