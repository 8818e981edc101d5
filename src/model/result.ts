/** A value or the reason why there is none. Used where bad input is normal; mistakes of ours throw. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function err<E>(error: E): Result<never, E> {
  return { ok: false, error };
}

/** Fails to compile when a case of a union has no branch; throws if one gets here all the same. */
export function assertNever(value: never): never {
  throw new Error(`a case is not handled: ${JSON.stringify(value)}`);
}
