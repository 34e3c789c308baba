/** The same object type, its members that may be undefined optional instead. */
export type OmitUndefined<T> = {
  [K in keyof T]?: Exclude<T[K], undefined>;
};

/** The members that are not undefined, as `exactOptionalPropertyTypes` wants them. */
export function omitUndefined<T extends object>(object: T): OmitUndefined<T> {
  const entries = Object.entries(object)
    .filter(([, value]) => value !== undefined);
  // Sound: what is left has T's type less undefined.
  return Object.fromEntries(entries) as OmitUndefined<T>;
}
