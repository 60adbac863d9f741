export type Picture = {
  readonly width: number;
  readonly height: number;
  /** Read out instead of the picture. */
  readonly title: string;
  /** The value of a CSS variable; an empty text where it has none. */
  readonly variable: (name: string) => string;
  readonly background: string;
  readonly color: string;
  readonly font: string;
};

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * A drawn chart as a file that stands alone: `xml` is its serialized SVG element; its CSS variables become values, its classes go,
 * and it gets size, font, colour and background of its own. Throws if a variable has neither a value nor a fallback.
 */
export function standalone(xml: string, { width, height, title, variable, background, color, font }: Picture): string {
  const [root = ''] = /^<svg\b[^>]*>/.exec(xml) ?? [];
  if (!root) throw new Error('Only an SVG element can be exported, and this is none: draw the chart first');
  const body = resolve(xml.slice(root.length).replace(/ class="[^"]*"/g, ''), variable);
  const box = /\bviewBox="([^"]*)"/.exec(root)?.[1] ?? `0 0 ${width} ${height}`;
  const own = `xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="${box}"`;
  const style = `color="${escaped(color)}" font-family="${escaped(font)}" font-size="12"`;
  const [x = 0, y = 0, w = width, h = height] = box.split(/[\s,]+/).map(Number);
  const paper = `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${escaped(background)}"/>`;
  return `<svg ${own} ${style}><title>${escaped(title)}</title>${paper}${body.replace(/<title\b[^>]*>[^<]*<\/title>|<title\b[^>]*\/>/g, '')}`;
}

/** `var(--name, fallback)` → its value, from the inside out, as fallbacks and values may hold others. */
function resolve(text: string, variable: Picture['variable']): string {
  // Values may name further variables; one that names itself would do so for ever.
  for (let depth = 0; depth < 10 && text.includes('var('); depth++)
    text = text.replace(/var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)/g, (_, name: string, fallback?: string) => {
      const value = variable(name).trim() || fallback?.trim();
      if (!value) throw new Error(`The chart is drawn with ${name}, which has no value here`);
      return value.replaceAll('"', "'");
    });
  return text;
}
