/** Keeps the latest answer of a slow function of a text, so that asking the same again costs nothing. */
export function latest<T>(f: (text: string) => T): (text: string) => T {
  let known: { readonly text: string; readonly value: T } | null = null;
  return (text) => {
    if (known?.text !== text) known = { text, value: f(text) };
    return known.value;
  };
}
