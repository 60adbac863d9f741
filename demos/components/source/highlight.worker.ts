import { createHighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import typescript from 'shiki/langs/typescript.mjs';
import dark from 'shiki/themes/github-dark-default.mjs';
import light from 'shiki/themes/github-light-default.mjs';

addEventListener('message', async ({ data: code }: MessageEvent<string>) => {
  const shiki = await createHighlighterCore({ themes: [light, dark], langs: [typescript], engine: createJavaScriptRegexEngine() });
  const themes = { light: 'github-light-default', dark: 'github-dark-default' };
  postMessage(shiki.codeToHtml(code.trimEnd(), { lang: 'typescript', themes, defaultColor: false }));
});
