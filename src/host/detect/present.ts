/** The same fields, those that are `undefined` left out. */
export type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined: an absent key is how a profile says that something is not known. */
export function present<T extends object>(fields: T): Present<T> {
  const kept: [string, unknown][] = Object.entries(fields).filter(([, value]) => value !== undefined);
  // The compiler cannot see which keys are left; this is the one place that says so.
  return Object.fromEntries(kept) as Present<T>;
}
