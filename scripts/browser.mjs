/** Finds a Chromium-like browser for the page tests, or installs one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, isMain, knownTrouble, main, root, run } from './setup.mjs';

/** None of the browser's own traffic. */
const quiet = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** All three backends in software. */
export const softwareFlags = [
  ...quiet,
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
  '--use-angle=swiftshader',
];

/** No graphics device at all: software ones draw a page more slowly than the browser's own painter. */
export const paintingFlags = [...quiet, '--disable-gpu'];

/** Where browsers usually lie: names to look for on the path, and whole paths. */
function candidates({ platform, env }) {
  const names = [
    'chromium',
    'google-chrome-stable',
    'google-chrome',
    'chromium-browser',
    'microsoft-edge',
    'microsoft-edge-stable',
    'chrome',
  ];
  const mac = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  const windows = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
    .filter(Boolean)
    .flatMap((folder) =>
      ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map(
        (path) => `${folder}\\${path}`,
      ),
    );
  if (platform === 'win32') return windows;
  const onPath = (env.PATH ?? '').split(':').filter(Boolean);
  const unix = names.flatMap((name) => onPath.map((folder) => join(folder, name)));
  return platform === 'darwin' ? [...mac, ...unix] : unix;
}

/** Does it start? Ubuntu's /usr/bin/chromium-browser, for one, may be only a hint to install a snap. */
async function starts(path) {
  if (process.platform === 'win32') return true;
  const { code } = await run(path, ['--version'], { timeout: 20_000 });
  return code === 0;
}

/** Path of a browser that starts: the one that the environment names, an installed one, Playwright's; else undefined. */
export async function findBrowser(env = process.env) {
  for (const name of ['UNLABELED_BROWSER', 'CHROME_PATH', 'CHROMIUM_PATH']) {
    const path = env[name];
    if (!path) continue;
    if (existsSync(path) && (await starts(path))) return path;
    fail(`${name} is “${path}”, where no browser starts: correct it, or unset it to have one found.`);
  }
  const { chromium } = await import('playwright-core');
  for (const path of [...candidates({ platform: process.platform, env }), chromium.executablePath()]) {
    if (existsSync(path) && (await starts(path))) return path;
  }
  return undefined;
}

const isDebian = () => existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

/** Path of a browser, installed if there is none: on Debian as root the package `chromium`, elsewhere Playwright's own download. */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found) return found;
  const asRoot = process.platform === 'linux' && process.getuid() === 0;
  const apt = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const playwright = [join(root, 'node_modules/playwright-core/cli.js'), 'install', ...(asRoot ? ['--with-deps'] : []), 'chromium'];
  const steps =
    asRoot && isDebian()
      ? [
          ['apt-get', ['update', '-q'], apt],
          ['apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], apt],
        ]
      : [[process.execPath, playwright, {}]];
  console.log('No Chrome, Chromium or Edge found; installing Chromium for the page tests (once, a minute or two) …');
  for (const [command, args, options] of steps) {
    const { code, output } = await run(command, args, options);
    if (code !== 0) {
      const why = knownTrouble(output) ?? output.trim().split('\n').pop();
      fail(`Chromium could not be installed: ${why}; or install Chrome yourself, or name a browser in CHROME_PATH.`);
    }
  }
  return (
    (await findBrowser()) ?? fail('Chromium was installed but does not start: install Chrome yourself, or name a browser in CHROME_PATH.')
  );
}

if (isMain(import.meta.url)) await main(async () => console.log(await ensureBrowser()));
