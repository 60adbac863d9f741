/** Hands a file to the reader, as a download. */
export function save(content: Blob | Uint8Array<ArrayBuffer> | string, name: string, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  // What file systems do not like in a name.
  link.download = name.replace(/[^\p{L}\p{N} ._-]+/gu, '-').slice(0, 120);
  link.click();
  // Safari reads it a little later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
