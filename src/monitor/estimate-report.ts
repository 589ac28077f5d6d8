/**
 * How good the learned durations are, as data with the names of the wire, and for each type a sentence that says what to do. The
 * command line prints it and the SDK gives it; docs/estimates.md explains the figures.
 */
import type { TypeEstimate } from "../core/estimate/estimates.ts";
import { formatCount, formatMany, threeDigits } from "./format.ts";

/** Durations in ms on an agent of speed 1, shares from 0 to 1. Factors say how far off, up or down: 1 is perfect. */
export interface EstimateSummary {
  readonly type: string;
  /** Tasks learned from, in all; of old ones little is left in the figures. */
  readonly tasks: number;
  readonly mean_ms: number;
  readonly p50_ms: number;
  readonly p90_ms: number;
  /** Mean of what tasks reported as their cost; the time of agents is not in it. */
  readonly cost_mean: number;
  /** What predicts tasks now: the given estimate, the same scaled, the mean of the type, its recent mean, or the size. */
  readonly predictor: TypeEstimate["predictor"];
  /** Of predictions made before each task ran. */
  readonly errors: {
    /** Half of the predictions were within this factor. */
    readonly median_factor: number;
    readonly mean_off_ms: number;
    /** Mean of actual − predicted. */
    readonly bias_ms: number;
    /** Share within ±25 %. */
    readonly within_quarter: number;
    /** Share of pairs of tasks that were put in the right order; 0.5 is chance, null when there were none. */
    readonly ordered: number | null;
  };
  /** How good the estimates were that came with tasks; null when none did. `factor` is the mean of actual ÷ given. */
  readonly given: { readonly tasks: number; readonly factor: number; readonly median_factor: number; readonly within_quarter: number } | null;
  /** Sizes from `from_size` on and below `below_size` (null: no end); empty when tasks have no size. */
  readonly sizes: readonly {
    readonly from_size: number;
    readonly below_size: number | null;
    readonly tasks: number;
    readonly mean_ms: number;
    readonly p50_ms: number;
    readonly p90_ms: number;
    readonly median_factor: number;
    readonly within_quarter: number;
  }[];
  /** What to do, in a sentence or two. */
  readonly advice: string;
}

export interface EstimateReport {
  readonly types: readonly EstimateSummary[];
  /** Types whose stored estimates could not be read, damaged or written by a newer version; they are learned anew. */
  readonly ignored: readonly string[];
}

/** Fewer tasks say little. */
const ENOUGH_TASKS = 20;
const GOOD_FACTOR = 1.25;
const BAD_FACTOR = 2;
/** A steady error of estimates below this is not worth a correction. */
const STEADY_FACTOR = 1.3;

export function estimateReport(types: readonly TypeEstimate[], ignored: readonly string[]): EstimateReport {
  return { types: types.map(summaryOf), ignored };
}

function summaryOf(from: TypeEstimate): EstimateSummary {
  const { errors, given } = from;
  return {
    type: from.type,
    tasks: from.tasks,
    mean_ms: from.meanMs,
    p50_ms: from.p50Ms,
    p90_ms: from.p90Ms,
    cost_mean: from.meanCost,
    predictor: from.predictor,
    errors: {
      median_factor: errors.medianFactor,
      mean_off_ms: errors.meanOffMs,
      bias_ms: errors.biasMs,
      within_quarter: errors.withinQuarter,
      ordered: errors.ordered ?? null,
    },
    given: given === undefined ? null : { tasks: given.tasks, factor: given.factor, median_factor: given.medianFactor, within_quarter: given.withinQuarter },
    sizes: from.sizes.map((size) => ({
      from_size: size.fromSize,
      below_size: Number.isFinite(size.belowSize) ? size.belowSize : null,
      tasks: size.tasks,
      mean_ms: size.meanMs,
      p50_ms: size.p50Ms,
      p90_ms: size.p90Ms,
      median_factor: size.medianFactor,
      within_quarter: size.withinQuarter,
    })),
    advice: adviceOf(from),
  };
}

function adviceOf(type: TypeEstimate): string {
  if (type.tasks < ENOUGH_TASKS) return `Only ${formatMany(type.tasks, "task")} so far: too few to judge.`;
  return type.given === undefined ? adviceWithoutGiven(type) : adviceOnGiven(type, type.given);
}

function adviceOnGiven({ predictor, errors }: TypeEstimate, given: NonNullable<TypeEstimate["given"]>): string {
  const off = `The estimates given with ${formatMany(given.tasks, "task")} are off by ${times(given.medianFactor)} at the median`;
  if (predictor === "given_scaled" && isSteady(given.factor)) {
    return `Tasks take ${times(given.factor)} their given estimates, steadily; the estimates are used, corrected by that. Correct them where they are made, or leave them so.`;
  }
  if (predictor === "given" || predictor === "given_scaled") {
    return given.medianFactor < BAD_FACTOR ? "The estimates given are the best predictor: go on giving them." : `${off}, but nothing learned is better yet. Give better ones, or a size that the duration grows with.`;
  }
  if (errors.medianFactor < given.medianFactor) return `${off}, and what is learned (${errors.medianFactor < GOOD_FACTOR ? "" : "at the median "}off by ${times(errors.medianFactor)}) is used instead: leave them out.`;
  return `${off}, and tell no more than what is learned, which is used instead: leave them out.`;
}

function adviceWithoutGiven({ predictor, errors, sizes, tasks }: TypeEstimate): string {
  if (sizes.length > 0 && predictor !== "size") return "The sizes given do not tell how long tasks take, and are not used: give what the duration grows with, or leave them out.";
  if (errors.medianFactor < GOOD_FACTOR) return `Well known from ${formatCount(tasks)} tasks: nothing to do.`;
  const off = `Half of the tasks are off by ${times(errors.medianFactor)} or more`;
  if (errors.medianFactor < BAD_FACTOR) return `${off}, which will do for most orders.`;
  if (predictor === "size") return `${off} for their size: if something else tells how long they take, give it as an estimate, or as types of their own.`;
  return `${off}: give an estimate or a size with each task, or make types of the short and the long ones.`;
}

function isSteady(factor: number): boolean {
  return factor > STEADY_FACTOR || factor < 1 / STEADY_FACTOR;
}

function times(factor: number): string {
  return `${threeDigits(factor)}×`;
}
