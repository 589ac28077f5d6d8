/**
 * How candidates make new ones: two-point crossover of lists, which keeps every task after its needs (Hartmann 1998), and mutation
 * that moves single tasks as far as their needs and dependents let them, or gives them to another class of agents.
 */
import { ANY_CLASS } from "./decoder.ts";
import type { Rows } from "./network.ts";
import { copySchedule, type Candidate } from "./population.ts";
import type { Random } from "../random.ts";
import type { Work } from "./work.ts";

export class Breeding {
  readonly #work: Work;
  readonly #random: Random;
  /** Tasks that carry the present stamp are marked; a new stamp unmarks all at once. */
  readonly #stamps: Int32Array;
  #stamp = 0;

  constructor(work: Work, random: Random) {
    this.#work = work;
    this.#random = random;
    this.#stamps = new Int32Array(work.size);
  }

  /** The child has the mother's tasks outside of two cuts, and between them those that come first in the father's list. */
  cross(mother: Candidate, father: Candidate, child: Candidate): void {
    const { size } = this.#work;
    const one = this.#random.below(size + 1);
    const other = this.#random.below(size + 1);
    const cut = Math.min(one, other);
    this.#stamp += 1;
    let filled = this.#append(mother, child, 0, cut);
    filled = this.#append(father, child, filled, Math.max(one, other));
    this.#append(mother, child, filled, size);
  }

  /** Moves each task with the probability `moveShare`, and changes the class of each with `classShare`. */
  mutate(child: Candidate, moveShare: number, classShare: number): void {
    const { size, classes } = this.#work;
    for (let place = this.#gap(moveShare); place < size; place += 1 + this.#gap(moveShare)) this.#move(child.list, place);
    if (classes === 1) return;
    for (let task = this.#gap(classShare); task < size; task += 1 + this.#gap(classShare)) child.choices[task] = this.#anyClass(task);
  }

  /** A child like its parent but for a few of the parent's critical tasks: another class of agents, or an earlier place in the list. */
  vary(parent: Candidate, child: Candidate, changes: number): void {
    copySchedule(parent, child);
    for (let change = 0; change < changes; change++) {
      const task = parent.critical[this.#random.below(parent.criticalCount)]!;
      if (this.#work.classes > 1 && this.#random.next() < 0.5) child.choices[task] = this.#anyClass(task);
      else this.#move(child.list, child.list.indexOf(task));
    }
  }

  /** Adds tasks of the parent that the child does not have yet, until it has `until` of them. */
  #append(parent: Candidate, child: Candidate, filled: number, until: number): number {
    let place = filled;
    for (let at = 0; place < until; at++) {
      const task = parent.list[at]!;
      if (this.#stamps[task] === this.#stamp) continue;
      this.#stamps[task] = this.#stamp;
      child.list[place++] = task;
      child.choices[task] = parent.choices[task]!;
    }
    return place;
  }

  #move(list: Int32Array, place: number): void {
    const { needs, dependents } = this.#work.network;
    const task = list[place]!;
    let first = place;
    this.#stampAll(needs, task);
    while (first > 0 && this.#stamps[list[first - 1]!] !== this.#stamp) first -= 1;
    let last = place;
    this.#stampAll(dependents, task);
    while (last < list.length - 1 && this.#stamps[list[last + 1]!] !== this.#stamp) last += 1;
    const to = first + this.#random.below(last - first + 1);
    if (to < place) list.copyWithin(to + 1, to, place);
    else list.copyWithin(place, place + 1, to + 1);
    list[to] = task;
  }

  #stampAll(rows: Rows, task: number): void {
    this.#stamp += 1;
    for (let at = rows.starts[task]!; at < rows.starts[task + 1]!; at++) this.#stamps[rows.items[at]!] = this.#stamp;
  }

  /** How many are passed over before the next that an event of this probability meets: one draw in place of one each. */
  #gap(share: number): number {
    return Math.floor(Math.log(this.#random.nextPositive()) / Math.log(1 - share));
  }

  #anyClass(task: number): number {
    const { classes, durations } = this.#work;
    const kind = this.#random.below(classes + 1) - 1;
    return kind !== ANY_CLASS && durations[task * classes + kind] === Infinity ? ANY_CLASS : kind;
  }
}
