/**
 * How a quantity grows with the size that was given for each task. Two layers: a straight line, fitted by least squares that
 * weigh relative error and forget (size 100 and size 1,000,000 count alike), and beside it the mean of each size class, which
 * corrects the line where the truth is not straight. Both are drawn back to what is safer by how much they are known to mean:
 *
 * - the slope by its own significance, × max(0, 1 − 1/F) with F = slope² ÷ variance of the slope (positive-part James–Stein):
 *   a size that says nothing leaves the mean of the type;
 * - the correction of a class by n ÷ (n + noise ÷ signal) (empirical Bayes: Robbins 1956, Efron and Morris 1973), n being what the
 *   class and its neighbours have seen. The signal is the variance between classes that the line does not explain, measured as the
 *   covariance of the correction before a task and that task's own deviation, whose noises are independent.
 */
import { octaveOf, fromOctave } from "../struct/log2.ts";
import { ForgettingMean } from "./forgetting-mean.ts";
import { numbersOf, short } from "./stored-numbers.ts";

/** Size classes for each doubling of the size. */
const CLASSES_PER_DOUBLING = 2;
/** Sizes are told apart from 2^−10 to 2^60; beyond, they are in the outer classes. */
const LOWEST_OCTAVE = -10;
const LARGEST_SIZE = 1_152_921_504_606_846_976;
const CLASSES = 70 * CLASSES_PER_DOUBLING;
/** A class smooths over its neighbours up to this distance, in classes. */
const REACH = 1.5;
/** Tasks that the line, a class and the measures of signal and noise remember. */
const LINE_WINDOW = 2_000;
const CLASS_WINDOW = 500;
/** The line is nowhere below this share of its mean: it may cross zero. Where values really are smaller, the classes say so. */
const LEAST_SHARE = 1 / 200;
/** The middle of what a class and its neighbours saw is at most a class away: no straight line that is right makes more of that. */
const STEEPEST = 2;
/** Where signal and noise are measured, a single task may not say more: one wild value would make the signal look unsure for long. */
const LARGEST_DEVIATION = 4;
/** Of the signal, so many standard errors are taken off: classes that do not differ must not be told apart. */
const SURE = 2;
/** No task weighs more than one whose value is near the root of this. */
const SMALLEST_SCALE = 1e-24;
/** Numbers kept of a class: tasks in all, remembered tasks, their mean size and mean value. */
const CELL = 4;
/** Stored numbers before the first class. */
const FIXED = 12;

/** What is known of one size class. */
export interface SizeClass {
  readonly index: number;
  readonly tasks: number;
  readonly meanSize: number;
  readonly mean: number;
}

export class SizeModel {
  #cells = new Float64Array(0);
  #first = 0;
  #tasks = 0;
  #weight = 0;
  #meanSize = 0;
  #mean = 0;
  /** Sums of squares and products about the means. */
  #sizes = 0;
  #products = 0;
  #values = 0;
  #slope = 0;
  readonly #signal = new ForgettingMean(LINE_WINDOW);
  /** Mean square of what the signal is the mean of: it says how sure the signal is. */
  readonly #signalSquare = new ForgettingMean(LINE_WINDOW);
  readonly #noise = new ForgettingMean(LINE_WINDOW);
  /** Noise ÷ signal: what a class must have seen to count half. */
  #ridge = Infinity;
  /** Of the last look at classes: how many tasks stand behind it, and the value that they ask for. */
  #seen = 0;
  #asked = 0;

  get isEmpty(): boolean {
    return this.#weight === 0;
  }

  predict(givenSize: number): number {
    const size = Math.min(LARGEST_SIZE, givenSize);
    const line = this.#line(size);
    if (this.#ridge === Infinity) return line;
    this.#look(size, line);
    return line + ((this.#asked - line) * this.#seen) / (this.#seen + this.#ridge);
  }

  /** `isScored`: signal and noise are measured on it as well. */
  learn(value: number, givenSize: number, isScored = true): void {
    const size = Math.min(LARGEST_SIZE, givenSize);
    if (isScored && this.#weight > 0) this.#learnSignal(value, size);
    // The line first: how much a task counts for it must not depend on the task's own value.
    this.#learnLine(value, size);
    this.#learnClass(value, size);
  }

  classes(): readonly SizeClass[] {
    const found: SizeClass[] = [];
    for (let at = 0; at < this.#cells.length; at += CELL) {
      const [tasks, , meanSize, mean] = this.#cells.subarray(at, at + CELL) as unknown as [number, number, number, number];
      if (tasks > 0) found.push({ index: this.#first + at / CELL, tasks, meanSize, mean });
    }
    return found;
  }

  toJSON(): readonly number[] {
    const line = [this.#tasks, this.#weight, this.#meanSize, this.#mean, this.#sizes, this.#products, this.#values];
    const parts = [...line, this.#signal.mean, this.#signal.weight, this.#signalSquare.mean, this.#noise.mean, this.#noise.weight];
    for (let at = 0; at < this.#cells.length; at += CELL) {
      if (this.#cells[at]! > 0) parts.push(this.#first + at / CELL, ...this.#cells.subarray(at, at + CELL));
    }
    return parts.map(short);
  }

  /** Undefined when the value is not one that `toJSON` gave. */
  static fromJSON(value: unknown): SizeModel | undefined {
    const parts = numbersOf(value);
    if (parts === undefined || parts.length < FIXED || (parts.length - FIXED) % (CELL + 1) !== 0) return undefined;
    const model = new SizeModel();
    [model.#tasks, model.#weight, model.#meanSize, model.#mean, model.#sizes, model.#products, model.#values] = parts as unknown as [number, number, number, number, number, number, number];
    [model.#signal.mean, model.#signal.weight, model.#signalSquare.mean, model.#noise.mean, model.#noise.weight] = parts.slice(7) as unknown as [number, number, number, number, number];
    model.#signalSquare.weight = model.#signal.weight;
    for (let at = FIXED; at < parts.length; at += CELL + 1) {
      const index = parts[at]!;
      if (!(Number.isInteger(index) && index >= 0 && index < CLASSES)) return undefined;
      const cell = model.#cellOf(index);
      model.#cells.set(parts.slice(at + 1, at + 1 + CELL), cell);
    }
    model.#conclude();
    return model;
  }

  #line(size: number): number {
    return Math.max(this.#mean * LEAST_SHARE, this.#mean + this.#slope * (size - this.#meanSize));
  }

  /** What the class of a size and its neighbours say: a triangle of weights, so that predictions do not jump between classes. */
  #look(size: number, line: number): void {
    const place = placeOf(size);
    const middle = Math.floor(place);
    let seen = 0;
    let values = 0;
    let sizes = 0;
    for (let index = middle - 1; index <= middle + 1; index++) {
      const at = (index - this.#first) * CELL;
      if (at < 0 || at >= this.#cells.length) continue;
      const weight = this.#cells[at + 1]! * (1 - Math.abs(place - index - 0.5) / REACH);
      if (!(weight > 0)) continue;
      seen += weight;
      values += weight * this.#cells[at + 3]!;
      sizes += weight * this.#cells[at + 2]!;
    }
    this.#seen = seen;
    if (seen === 0) return;
    // Within a class it goes up or down as the line does, so that sizes of one class are not all alike.
    const tilt = line / this.#line(sizes / seen);
    this.#asked = (values / seen) * (tilt > 1 ? Math.min(STEEPEST, tilt) : Math.max(1 / STEEPEST, tilt));
  }

  #learnSignal(value: number, size: number): void {
    const line = this.#line(size);
    if (!(line > 0)) return;
    this.#look(size, line);
    const deviation = Math.min(LARGEST_DEVIATION, value / line - 1);
    this.#noise.add(deviation * deviation);
    if (!(this.#seen > 0)) return;
    const product = Math.min(LARGEST_DEVIATION, this.#asked / line - 1) * deviation;
    const weight = this.#seen / (this.#seen + 4);
    this.#signal.add(product, weight);
    this.#signalSquare.add(product * product, weight);
  }

  #learnClass(value: number, size: number): void {
    const at = this.#cellOf(classOf(size));
    const cells = this.#cells;
    cells[at] = cells[at]! + 1;
    const weight = cells[at + 1]! * (1 - 1 / CLASS_WINDOW) + 1;
    cells[at + 1] = weight;
    cells[at + 2] = cells[at + 2]! + (size - cells[at + 2]!) / weight;
    cells[at + 3] = cells[at + 3]! + (value - cells[at + 3]!) / weight;
  }

  #learnLine(value: number, size: number): void {
    const keep = 1 - 1 / LINE_WINDOW;
    const expected = this.#weight === 0 ? value : this.predict(size);
    const least = (this.#weight === 0 ? value : this.#mean) / 8;
    const scale = expected * expected + least * least;
    const weight = 1 / Math.max(SMALLEST_SCALE, scale);
    this.#tasks = this.#tasks * keep + 1;
    this.#weight = this.#weight * keep + weight;
    const share = weight / this.#weight;
    const fromSize = size - this.#meanSize;
    const fromMean = value - this.#mean;
    this.#meanSize += fromSize * share;
    this.#mean += fromMean * share;
    this.#sizes = this.#sizes * keep + weight * fromSize * (size - this.#meanSize);
    this.#products = this.#products * keep + weight * fromSize * (value - this.#mean);
    this.#values = this.#values * keep + weight * fromMean * (value - this.#mean);
    this.#conclude();
  }

  #conclude(): void {
    const explained = this.#sizes > 0 && this.#values > 0 ? (this.#products * this.#products) / (this.#sizes * this.#values) : 0;
    const f = ((this.#tasks - 2) * explained) / Math.max(1e-12, 1 - explained);
    this.#slope = f > 1 ? ((1 - 1 / f) * this.#products) / this.#sizes : 0;
    const { mean, weight } = this.#signal;
    const sure = mean - SURE * Math.sqrt(Math.max(0, this.#signalSquare.mean - mean * mean) / Math.max(1, weight));
    this.#ridge = sure > 0 ? this.#noise.mean / sure : Infinity;
  }

  /** Where the numbers of a class begin; makes room for it. */
  #cellOf(index: number): number {
    const end = this.#first + this.#cells.length / CELL;
    if (this.#cells.length === 0 || index < this.#first || index >= end) {
      const first = this.#cells.length === 0 ? index : Math.min(index, this.#first);
      const grown = new Float64Array((Math.max(end, index + 1) - first) * CELL);
      grown.set(this.#cells, Math.max(0, this.#first - first) * CELL);
      this.#cells = grown;
      this.#first = first;
    }
    return (index - this.#first) * CELL;
  }
}

function placeOf(size: number): number {
  if (!(size > 0)) return 0;
  return Math.min(CLASSES - 0.5, Math.max(0, (octaveOf(size) - LOWEST_OCTAVE) * CLASSES_PER_DOUBLING));
}

export function classOf(size: number): number {
  return Math.floor(placeOf(size));
}

/** Smallest size of a class, and that of the next one. */
export function boundsOfClass(index: number): readonly [from: number, below: number] {
  const from = index === 0 ? 0 : fromOctave(LOWEST_OCTAVE + index / CLASSES_PER_DOUBLING);
  return [from, index === CLASSES - 1 ? Infinity : fromOctave(LOWEST_OCTAVE + (index + 1) / CLASSES_PER_DOUBLING)];
}
