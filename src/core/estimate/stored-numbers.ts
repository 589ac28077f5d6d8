/** Numbers on their way to a store and back: few digits on the way out, nothing but finite numbers on the way in. */

/** Six digits are far below the noise of what is learned, and a third of the length. */
export function short(value: number): number {
  return Number(value.toPrecision(6));
}

/** The list, if it holds finite numbers only, and `length` of them where that is given. */
export function numbersOf(value: unknown, length?: number): readonly number[] | undefined {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) return undefined;
  const list: readonly unknown[] = value;
  return list.every((one) => typeof one === "number" && Number.isFinite(one)) ? (list as readonly number[]) : undefined;
}

/** The members of an object; none of anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
