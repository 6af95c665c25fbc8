/** A record of parts, each made when it is first used: most work uses few of them. */
export function lazyParts(parts: Readonly<Record<string, () => unknown>>): object {
  const record = {};
  for (const [name, make] of Object.entries(parts)) {
    let part: unknown;
    Object.defineProperty(record, name, {
      enumerable: true,
      get() {
        part ??= make();
        return part;
      },
    });
  }
  return record;
}
