/** A value that must not be changed in place: what a store returns is shared by all its readers. */
export type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** Any of the fields of `T`; undefined means the same as absent. */
export type OptionalFields<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** Whether two plain JSON values are equal; the order of keys does not matter. */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      isDeepEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

/** `before` with `changes` applied; `before` itself when they change nothing. Undefined removes a key. */
export function applyChanges<T extends object>(before: T, changes: OptionalFields<T>): T {
  const after = { ...before } as Record<string, unknown>;
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete after[key];
    else after[key] = value;
  }
  return isDeepEqual(before, after) ? before : (after as T);
}

/** `object` without the keys whose value is undefined. */
export function omitUndefined<T extends object>(object: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
