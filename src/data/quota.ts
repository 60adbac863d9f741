/** Whether an error of IndexedDB says that the device has no room left; Dexie may hand it on within one of its own. */
export function isFull(error: unknown): boolean {
  const { name, inner } = error as { readonly name?: string; readonly inner?: { readonly name?: string } };
  return name === 'QuotaExceededError' || inner?.name === 'QuotaExceededError';
}
