/** Lets everything else that is due happen once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
