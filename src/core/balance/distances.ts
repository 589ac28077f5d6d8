/**
 * How far regions are from each other, as configured: in ms of a round trip, or any unit that is the same everywhere. What is said
 * of one direction holds for the other, unless that is said too.
 */

/** `{ eu: { us: 90, asia: 180 } }`: from, to, distance of 0 or more. */
export type DistanceTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Between regions of which nothing is known. */
export const FAR = Infinity;

export class Distances {
  #table = new Map<string, ReadonlyMap<string, number>>();
  /** Counts the tables so far, so that whoever keeps what follows from one knows that it is out of date. */
  version = 0;

  /** Replaces the table. */
  set(table: DistanceTable): void {
    this.#table = new Map(Object.entries(table).map(([from, to]) => [from, new Map(Object.entries(to))]));
    this.version += 1;
  }

  /** 0 within a region. */
  between(from: string, to: string): number {
    if (from === to) return 0;
    return this.#table.get(from)?.get(to) ?? this.#table.get(to)?.get(from) ?? FAR;
  }
}
