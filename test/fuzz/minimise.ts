/** Most tries of making an input smaller. */
const MAX_TRIES = 400;

/** A smaller input that still does the same: parts are cut out by halves, then bytes are set to zero. */
export async function shorter(
  input: Uint8Array,
  same: (candidate: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let best = input;
  let tries = 0;
  for (let size = best.length >> 1; size >= 1 && tries < MAX_TRIES; size >>= 1) {
    for (let at = 0; at < best.length && tries < MAX_TRIES; tries++) {
      const candidate = Uint8Array.from(Buffer.concat([best.subarray(0, at), best.subarray(at + size)]));
      if (await same(candidate)) best = candidate;
      else at += size;
    }
  }
  return best;
}
