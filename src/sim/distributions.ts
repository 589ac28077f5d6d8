/**
 * Distributions of times, written `name:argument:argument`: service times, gaps between arrivals, think times. All are of
 * positive numbers in the unit of whoever uses them (seconds in workload specifications).
 */
import type { Random } from "./random.ts";
import { SimulationRefusal } from "./refusal.ts";

export interface Distribution {
  /** As it is written. */
  readonly text: string;
  readonly mean: number;
  /** Variance by the square of the mean (0 for a constant, 1 for the exponential distribution). */
  readonly scv: number;
  draw(random: Random): number;
}

/** Exponential, of mean `mean`. */
export function exponential(mean: number): Distribution {
  return { text: `exp:${mean}`, mean, scv: 1, draw: (random) => mean * random.exponential() };
}

/** Always `value`. */
export function deterministic(value: number): Distribution {
  return { text: `det:${value}`, mean: value, scv: 0, draw: () => value };
}

/** Hyperexponential: with probability `p` exponential of rate `rate1`, otherwise of rate `rate2`. */
export function hyperexponential(p: number, rate1: number, rate2: number): Distribution {
  const mean = p / rate1 + (1 - p) / rate2;
  const second = 2 * (p / (rate1 * rate1) + (1 - p) / (rate2 * rate2));
  return {
    text: `h2:${p}:${rate1}:${rate2}`,
    mean,
    scv: second / (mean * mean) - 1,
    draw: (random) => random.exponential() / (random.next() < p ? rate1 : rate2),
  };
}

/** Hyperexponential with balanced means (p/rate1 = (1-p)/rate2) of a given mean and squared coefficient of variation, 1 or more. */
export function balancedHyperexponential(mean: number, scv: number): Distribution {
  const p = (1 + Math.sqrt((scv - 1) / (scv + 1))) / 2;
  return hyperexponential(p, (2 * p) / mean, (2 * (1 - p)) / mean);
}

/** Pareto of index `alpha`, cut to between `low` and `high` (Crovella, Harchol-Balter and Murta 1998). */
export function boundedPareto(alpha: number, low: number, high: number): Distribution {
  const ratio = (low / high) ** alpha;
  const moment = (order: number): number =>
    order === alpha
      ? (alpha * low ** alpha * Math.log(high / low)) / (1 - ratio)
      : ((alpha * low ** alpha) / (1 - ratio)) * ((high ** (order - alpha) - low ** (order - alpha)) / (order - alpha));
  const mean = moment(1);
  return {
    text: `bounded-pareto:${alpha}:${low}:${high}`,
    mean,
    scv: moment(2) / (mean * mean) - 1,
    draw: (random) => low / (1 - random.next() * (1 - ratio)) ** (1 / alpha),
  };
}

/** Lognormal of a given median; `sigma` is the standard deviation of the logarithm. */
export function lognormal(median: number, sigma: number): Distribution {
  return {
    text: `lognormal:${median}:${sigma}`,
    mean: median * Math.exp((sigma * sigma) / 2),
    scv: Math.expm1(sigma * sigma),
    draw: (random) => median * Math.exp(sigma * random.normal()),
  };
}

/** Any value from `low` to `high` alike. */
export function uniform(low: number, high: number): Distribution {
  const mean = (low + high) / 2;
  return { text: `uniform:${low}:${high}`, mean, scv: (high - low) ** 2 / 12 / (mean * mean), draw: (random) => low + (high - low) * random.next() };
}

interface Form {
  readonly takes: readonly string[];
  /** A sentence when the numbers do not fit together. */
  readonly problem?: (...args: readonly number[]) => string | undefined;
  readonly make: (...args: readonly [number, number, number]) => Distribution;
}

const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ["exp", { takes: ["MEAN"], make: exponential }],
  ["det", { takes: ["VALUE"], make: deterministic }],
  ["h2", { takes: ["P", "RATE1", "RATE2"], problem: (p = 0) => (p <= 1 ? undefined : "P is a probability, at most 1"), make: hyperexponential }],
  ["bounded-pareto", { takes: ["ALPHA", "LOW", "HIGH"], problem: (_alpha, low = 0, high = 0) => (low < high ? undefined : "LOW is less than HIGH"), make: boundedPareto }],
  ["lognormal", { takes: ["MEDIAN", "SIGMA"], make: lognormal }],
  ["uniform", { takes: ["LOW", "HIGH"], problem: (low = 0, high = 0) => (low <= high ? undefined : "LOW is at most HIGH"), make: uniform }],
]);

/** Every distribution, as it is written. */
export const DISTRIBUTION_FORMS: readonly string[] = [...FORMS].map(([name, { takes }]) => [name, ...takes].join(":"));

/** Reads `exp:1` and its like. Throws a refusal that names what is known; `what` says whose distribution it is. */
export function parseDistribution(text: string, what: string): Distribution {
  const [name = "", ...words] = text.split(":");
  const form = FORMS.get(name);
  if (form === undefined) throw refuse(what, `one of ${DISTRIBUTION_FORMS.join(", ")}`, text);
  const numbers = words.map(Number);
  const written = [name, ...form.takes].join(":");
  // A constant of nothing is a time; a mean, rate or bound of nothing is a slip.
  const least = name === "det" || name === "uniform" ? 0 : Number.MIN_VALUE;
  if (numbers.length !== form.takes.length || !numbers.every((number, index) => words[index] !== "" && Number.isFinite(number) && number >= least)) {
    throw refuse(what, `${written} with positive numbers`, text);
  }
  const problem = form.problem?.(...numbers);
  if (problem !== undefined) throw refuse(what, `${written} where ${problem}`, text);
  const [first = 0, second = 0, third = 0] = numbers;
  return form.make(first, second, third);
}

function refuse(what: string, expected: string, text: string): SimulationRefusal {
  return new SimulationRefusal("invalid_option", `${what}: expected ${expected}, got ${JSON.stringify(text)}.`);
}
