/**
 * Neighbours among the doubles, and a sum that is rounded up. An instant may be a fraction of a millisecond, and then the end of
 * a stretch that begins with it is seldom a double: the nearest one may lie before the true end. Whoever goes by it is too
 * early, by less than anybody measures, and a limit is exceeded all the same.
 */

/** Just over half of the distance between doubles, relative to one: Rump, Zimmermann, Boldo and Melquiond, "Computing predecessor and successor in rounding to nearest" (2009). */
const HALF_STEP = (Number.EPSILON / 2) * (1 + Number.EPSILON);

/** The least double above a finite one; near the smallest of all, one of the next two. */
export function nextUp(value: number): number {
  return value + (Math.abs(value) * HALF_STEP + Number.MIN_VALUE);
}

/** The greatest double below a finite one; near the smallest of all, one of the next two. */
export function nextDown(value: number): number {
  return value - (Math.abs(value) * HALF_STEP + Number.MIN_VALUE);
}

/** The least double that is not below the true sum. A double is at or above it exactly when it is at or above the true sum. */
export function sumRoundedUp(a: number, b: number): number {
  const sum = a + b;
  // What rounding took away, exactly (Knuth 1969, "TwoSum").
  const ofB = sum - a;
  const lost = a - (sum - ofB) + (b - ofB);
  return lost > 0 ? nextUp(sum) : sum;
}
