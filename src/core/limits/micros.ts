/**
 * Units of limits are counted in whole millionths, so that sums are exact: ten times 0.1 of a budget of 1 fit, and what was taken
 * and given back leaves nothing behind. Amounts are rounded up and limits down, each by less than a millionth of a unit.
 */

/** Millionths of a unit, a whole number. */
export type Micros = number;

const PER_UNIT = 1_000_000;
/** What a product of a decimal fraction may be off by, in micros: 0.07 × 1,000,000 is 70,000.00000000001. */
const SLIP = 1e-3;

export const ONE_UNIT: Micros = PER_UNIT;

/** More units cannot be counted in whole millionths. */
export const MOST_UNITS = Math.floor(Number.MAX_SAFE_INTEGER / PER_UNIT);

/** Of an amount that is to be taken. */
export function microsOf(amount: number): Micros {
  return Math.ceil(amount * PER_UNIT - SLIP);
}

/** Of the units that a limit has. */
export function microsOfLimit(units: number): Micros {
  return Math.floor(units * PER_UNIT + SLIP);
}

export function unitsOf(micros: Micros): number {
  return micros / PER_UNIT;
}
