/** Tiny writers of the files that the loaders read, so that tests know what must come out. */
export const idxFile = (dims: readonly number[], values: Uint8Array | readonly number[]): Uint8Array => {
  const header = dims.flatMap((dim) => [(dim >>> 24) & 255, (dim >>> 16) & 255, (dim >>> 8) & 255, dim & 255]);
  return Uint8Array.from([0, 0, 8, dims.length, ...header, ...values]);
};

/** `planes[i]` are record i's 3072 bytes: red, green, blue. */
export const cifar10File = (labels: readonly number[], planes: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(labels.flatMap((label, i) => [label, ...planes[i]!]));
