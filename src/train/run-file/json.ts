import type { z } from '../../zod.ts';

/** What JSON can say, with finite numbers. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Objects and arrays within each other; nothing that the lab writes comes near. */
const deepest = 24;

/**
 * Reads UTF-8 JSON. Throws an Error that names `file` where it is no JSON, where a key comes twice in one object (JSON.parse
 * would drop the first in silence), and where it is nested deeper than 24 levels.
 */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON in UTF-8: it is damaged, or no part of a run file`);
  }
  // Well-formed from here on: only strings and brackets have to be told apart.
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '{' || c === '[') {
      if (open.push(new Set()) > deepest) throw new Error(`${file} is nested deeper than ${deepest} levels, which no run file is`);
    } else if (c === '}' || c === ']') open.pop();
    else if (c === '"') {
      const from = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      let next = i + 1;
      while (' \n\r\t'.includes(text[next] ?? '.')) next++;
      if (text[next] !== ':') continue;
      const key = JSON.parse(text.slice(from, i + 1)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) throw new Error(`${file} has the key ${JSON.stringify(key.slice(0, 100))} twice in one object`);
      keys.add(key);
    }
  }
  return value;
}

/** Checks a value against a schema. Throws one Error that names the file and, up to five, each place with what was expected there. */
export function check<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const lines = error.issues.slice(0, 5).map(({ path, message }) => {
    const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 60)}`)).join('');
    return `${place.replace(/^\./, '') || 'the whole'}: ${message
      .replace(/^Invalid input: /, '')
      .replace(', received undefined', ', but it is missing')
      .slice(0, 200)}`;
  });
  const more = error.issues.length > 5 ? `, and ${error.issues.length - 5} more` : '';
  throw new Error(`${file} does not fit its schema (${lines.join('; ')}${more}): it is damaged, or was edited by hand`);
}
