/**
 * Tallies by name. Names may come without end, so only so many are kept apart; tasks of the others are counted together under
 * `(others)`.
 */
import { Tally } from "./tally.ts";
import type { NamedGroupResult } from "./result.ts";

/** A tally takes about 20 KiB. */
const KEPT_APART = 1_000;
const OTHERS = "(others)";

export class Groups {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly tallies: Tally[] = [];
  /** The name asked for last: tasks of one type come in a row. */
  #lastName: string | undefined;
  #lastNumber = 0;

  /** The number of a name, given at its first use. */
  number(name: string): number {
    if (name !== this.#lastName) {
      this.#lastNumber = this.#find(name);
      this.#lastName = name;
    }
    return this.#lastNumber;
  }

  #find(name: string): number {
    let number = this.#numbers.get(name);
    if (number !== undefined) return number;
    if (this.#names.length > KEPT_APART) return KEPT_APART;
    number = this.#names.length;
    const kept = number < KEPT_APART ? name : OTHERS;
    this.#names.push(kept);
    this.tallies.push(new Tally());
    if (kept === name) this.#numbers.set(name, number);
    return number;
  }

  results(overMs: number): readonly NamedGroupResult[] {
    return this.tallies.map((tally, index) => ({ name: this.#names[index]!, ...tally.result(overMs) }));
  }

  /** All of them together. */
  total(): Tally {
    const total = new Tally();
    for (const tally of this.tallies) total.merge(tally);
    return total;
  }
}
