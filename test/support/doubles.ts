// Doubles above 0 as what they are: neighbours by their bits, which in order are whole numbers in order, and exact values to reckon with.
const value = new Float64Array(1);
const bits = new BigInt64Array(value.buffer);

export function doubleBefore(one: number): number {
  return neighbour(one, -1n);
}

export function doubleAfter(one: number): number {
  return neighbour(one, 1n);
}

/** In units of 2^-52, of which every double from 1 on is a whole number; refuses others. */
export function exact(one: number): bigint {
  return BigInt(one * 2 ** 52);
}

function neighbour(one: number, step: bigint): number {
  value[0] = one;
  bits[0]! += step;
  return value[0];
}
