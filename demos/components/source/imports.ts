/** The files of src/losses and src/nets that a method's source imports, losses first: "src/losses/contrastive.ts". */
export function importedParts(source: string): string[] {
  const found = [...source.matchAll(/from '\.\.\/((?:losses|nets)\/[\w/-]+\.ts)'/g)].map(([, path]) => `src/${path}`);
  return [...new Set(found)].sort();
}
