import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/**
 * The Content-Security-Policy of the built site: nothing is loaded from, or sent to, anywhere but the site itself. `scripts` are
 * the further sources of scripts. Looser than the strictest, and why: wasm is compiled (`wasm-unsafe-eval`, not
 * `unsafe-eval`); threads of tfjs and of our kernels start from text (`blob:`); pictures are drawn in the page and fonts of
 * formulas come with the styles (`blob:`, `data:`); Mantine writes its theme into a style element and highlighted code carries
 * style attributes (`unsafe-inline`, for styles alone).
 */
const policy = (scripts: readonly string[]) =>
  [
    "default-src 'self'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...scripts].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "worker-src 'self' blob:",
    "img-src 'self' blob: data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/**
 * Puts the policy into index.html when the site is built; the dev server's own scripts are inline and change. A worker has the
 * policy of its own response, not the page's: `npm run preview` sends it along with every script, so that the training worker
 * cannot reach another host either; threads of tfjs load their program from text (`blob:`).
 */
export function contentPolicy(): Plugin {
  return {
    name: 'unlabeled:policy',
    transformIndexHtml: {
      order: 'post',
      handler(html, { server }) {
        if (server) return html;
        const inline = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)];
        const hashes = inline.map(([, text]) => `'sha256-${createHash('sha256').update(text!).digest('base64')}'`);
        const tag = `<meta http-equiv="Content-Security-Policy" content="${policy(hashes)}" />`;
        return html.replace('<meta charset="utf-8" />', (charset) => `${charset}\n    ${tag}`);
      },
    },
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        if (/\.js(\?|$)/.test(request.url ?? '')) response.setHeader('Content-Security-Policy', policy(['blob:']));
        next();
      });
    },
  };
}
