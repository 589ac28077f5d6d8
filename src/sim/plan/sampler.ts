/**
 * Lists of tasks to begin a search with: always a task whose needs are listed, the one with the longest way to the end first (which
 * is also the latest finish time rule), or by chance with a bias to it (regret-based biased random sampling, Drexl 1991).
 */
import type { Network } from "./network.ts";
import type { Random } from "../random.ts";

/** As many ready tasks are compared for each draw, so that the lists of a wide flow cost no more for each task than others. */
const WINDOW = 32;

export class Sampler {
  readonly #network: Network;
  readonly #random: Random;
  readonly #open: Int32Array;
  readonly #ready: Int32Array;
  readonly #weights: Float64Array;
  readonly #ways: Float64Array;
  /** The way of a task is never shorter than that of what needs it, so each comes after its needs. */
  readonly #longestFirst: Int32Array;
  /** What a regret of nothing counts: a typical duration, so that the bias does not depend on the unit of time. */
  readonly #unit: number;

  constructor(network: Network, random: Random) {
    const { size, tails, durations } = network;
    this.#network = network;
    this.#random = random;
    this.#open = new Int32Array(size);
    this.#ready = new Int32Array(size);
    this.#weights = new Float64Array(WINDOW);
    const places = new Int32Array(size);
    network.order.forEach((task, place) => (places[task] = place));
    this.#ways = tails.map((tail, task) => tail + durations[task]!);
    this.#longestFirst = network.order.slice().sort((a, b) => this.#ways[b]! - this.#ways[a]! || places[a]! - places[b]!);
    this.#unit = network.criticalPath === 0 ? 1 : (0.2 * durations.reduce((sum, duration) => sum + duration, 0)) / size;
  }

  /** Always the longest way. */
  fillLongestFirst(list: Int32Array): void {
    list.set(this.#longestFirst);
  }

  /** @param bias 0 takes any ready task, 1 to 3 prefer long ways more and more. */
  fill(list: Int32Array, bias: number): void {
    const { size, needs, dependents } = this.#network;
    let ready = 0;
    for (let task = 0; task < size; task++) {
      this.#open[task] = needs.starts[task + 1]! - needs.starts[task]!;
      if (this.#open[task] === 0) this.#ready[ready++] = task;
    }
    for (let place = 0; place < size; place++) {
      const chosen = this.#draw(ready, bias);
      const task = this.#ready[chosen]!;
      this.#ready[chosen] = this.#ready[--ready]!;
      list[place] = task;
      for (let at = dependents.starts[task]!; at < dependents.starts[task + 1]!; at++) {
        const dependent = dependents.items[at]!;
        this.#open[dependent]! -= 1;
        if (this.#open[dependent] === 0) this.#ready[ready++] = dependent;
      }
    }
  }

  #draw(ready: number, bias: number): number {
    const count = Math.min(ready, WINDOW);
    const first = ready > WINDOW ? this.#random.below(ready - WINDOW + 1) : 0;
    let least = Infinity;
    for (let index = first; index < first + count; index++) least = Math.min(least, this.#ways[this.#ready[index]!]!);
    let total = 0;
    for (let index = 0; index < count; index++) {
      const regret = (this.#ways[this.#ready[first + index]!]! - least) / this.#unit + 1;
      let weight = 1;
      for (let power = 0; power < bias; power++) weight *= regret;
      total += weight;
      this.#weights[index] = total;
    }
    const drawn = this.#random.next() * total;
    let chosen = 0;
    while (chosen < count - 1 && this.#weights[chosen]! <= drawn) chosen += 1;
    return first + chosen;
  }
}
