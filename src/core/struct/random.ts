/**
 * Randomness without state: a number in [0, 1) from integers, by the finalizer of MurmurHash3 (Appleby 2011). The same
 * numbers give the same answer on every machine, after every restart and in every replay.
 */
export function randomOf(seed: number, a: number, b: number): number {
  let h = mix(seed ^ 0x9e3779b9);
  h = mix(h ^ a);
  // Ids may pass 2^32: the high half must count too.
  h = mix(h ^ Math.floor(a / 4294967296));
  h = mix(h ^ b);
  return (h >>> 0) / 4294967296;
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
