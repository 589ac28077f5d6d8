/**
 * Serial schedule generation (Kelley 1963; Kolisch 1996) in several modes: takes tasks in a given order and puts each where it
 * ends earliest, given what it needs, the resources, and the slots of each class of agents; gaps are filled (the insertion
 * of HEFT, Topcuoglu et al. 2002). With one class this is plain serial generation of a project.
 */
import { Moments, NONE } from "./moments.ts";
import type { Rows } from "./network.ts";
import type { Work } from "./work.ts";

/** In place of a class: the one in which the task ends first. */
export const ANY_CLASS = -1;

export class Decoder {
  /** Of the last schedule. */
  readonly starts: Float64Array;
  readonly finishes: Float64Array;
  readonly classes: Int32Array;
  readonly #work: Work;
  readonly #moments: Moments;
  readonly #finishMoments: Int32Array;
  /** Tasks that end at a moment, the one scheduled last first: a list through `#endsAlso`. */
  readonly #lastEnding: Int32Array;
  readonly #endsAlso: Int32Array;
  readonly #free: Int32Array;

  constructor(work: Work) {
    const { size } = work;
    this.starts = new Float64Array(size);
    this.finishes = new Float64Array(size);
    this.classes = new Int32Array(size);
    this.#work = work;
    this.#moments = new Moments(work);
    this.#finishMoments = new Int32Array(size);
    this.#lastEnding = new Int32Array(size + 1);
    this.#endsAlso = new Int32Array(size);
    this.#free = new Int32Array(size).fill(ANY_CLASS);
  }

  /**
   * Schedules all tasks; each must come after all that `needs` lists for it. With the dependents in place of the needs the
   * schedule runs backwards from the end.
   * @param choices for each task its class, or ANY_CLASS
   * @returns the makespan
   */
  decode(list: Int32Array, needs: Rows, choices: Int32Array = this.#free): number {
    this.#moments.clear();
    this.#lastEnding.fill(NONE);
    let makespan = 0;
    for (let index = 0; index < list.length; index++) {
      const task = list[index]!;
      const finish = this.#place(task, choices[task]!, this.#readyMoment(task, needs));
      if (finish > makespan) makespan = finish;
    }
    return makespan;
  }

  /** Writes the tasks by finish, the last first: the order in which they are scheduled in the other direction. */
  byFinishDescending(list: Int32Array): void {
    const { next } = this.#moments;
    let at = list.length;
    for (let moment = 0; moment !== NONE; moment = next[moment]!) {
      // Within a moment the one scheduled last comes first, so that a task without duration stays on the right side of its needs.
      let count = 0;
      for (let task = this.#lastEnding[moment]!; task !== NONE; task = this.#endsAlso[task]!) count += 1;
      at -= count;
      let place = at;
      for (let task = this.#lastEnding[moment]!; task !== NONE; task = this.#endsAlso[task]!) list[place++] = task;
    }
  }

  #readyMoment(task: number, needs: Rows): number {
    const { times } = this.#moments;
    const { starts, items } = needs;
    let ready = 0;
    let readyAt = 0;
    const end = starts[task + 1]!;
    for (let at = starts[task]!; at < end; at++) {
      const moment = this.#finishMoments[items[at]!]!;
      const time = times[moment]!;
      if (time > readyAt) {
        readyAt = time;
        ready = moment;
      }
    }
    return ready;
  }

  #place(task: number, choice: number, ready: number): number {
    const { classes, durations, network } = this.#work;
    const moments = this.#moments;
    const only = choice === ANY_CLASS && classes === 1 ? 0 : choice;
    if (network.durations[task] === 0) return this.#note(task, only === ANY_CLASS ? 0 : only, ready, ready);
    if (moments.isPlain) {
      const finish = moments.put(task, network.durations[task]!, ready);
      return this.#note(task, 0, moments.start, finish);
    }
    if (only !== ANY_CLASS) {
      moments.fit(task, only, durations[task * classes + only]!, ready, Infinity);
      const { start } = moments;
      return this.#note(task, only, start, moments.take(task, only, start, moments.last, moments.after, moments.end));
    }
    let kind = 0;
    let start = 0;
    let last = 0;
    let after = NONE;
    let end = Infinity;
    for (let other = 0; other < classes; other++) {
      if (!moments.fit(task, other, durations[task * classes + other]!, ready, end)) continue;
      ({ start, last, after, end } = moments);
      kind = other;
    }
    return this.#note(task, kind, start, moments.take(task, kind, start, last, after, end));
  }

  #note(task: number, kind: number, start: number, finish: number): number {
    this.#finishMoments[task] = finish;
    this.#endsAlso[task] = this.#lastEnding[finish]!;
    this.#lastEnding[finish] = task;
    this.classes[task] = kind;
    this.starts[task] = this.#moments.times[start]!;
    return (this.finishes[task] = this.#moments.times[finish]!);
  }
}
