/**
 * The search for a short schedule: a genetic algorithm on lists of tasks in which every child is scheduled forwards, then backwards
 * from the end, then forwards again (forward-backward improvement, Tormos and Lova 2001; in a genetic algorithm, Valls, Ballestín and
 * Quintanilla 2008). It can be stopped at any time and stops by itself when its schedule meets the lower bound.
 */
import { Breeding } from "./breeding.ts";
import { Decoder } from "./decoder.ts";
import { copyCandidate, copySchedule, createCandidate, ranked, type Candidate } from "./population.ts";
import { Random } from "../random.ts";
import { Sampler } from "./sampler.ts";
import type { Spending } from "./spending.ts";
import type { Work } from "./work.ts";

/** Measured on PSPLIB j60: 100 candidates give 0.29 % above the best known, 40 give 0.37 %; 200 are no better. */
const POPULATION = 100;
/** With several classes of agents there is more to choose and time for fewer: 40 gave 1.189 of the bound where 100 gave 1.191 (11 hard workflows, 0.5 s). */
const FLEET_POPULATION = 40;
/** With a small budget, fewer: making the first candidates may take this share of it. */
const FIRST_SHARE = 0.15;
const FEWEST = 10;
/** Tasks of a child that are moved, in the mean; and the share of them that change the class of agents. */
const MOVES = 4;
const CLASS_SHARE = 0.03;
/** With several classes, children of one parent that differ in critical tasks, and at most in how many. */
const VARIED_SHARE = 0.4;
const CHANGES = 2;
/** Generations without a shorter schedule before the search begins anew, keeping only the best. */
const STALE_LIMIT = 60;

export interface SearchOptions {
  readonly work: Work;
  readonly spending: Spending;
  readonly seed: number;
  /** A schedule this short is the best there can be. */
  readonly lowerBound: number;
  /** Where to begin, besides the longest ways and chance. */
  readonly known: readonly Pick<Candidate, "list" | "choices">[];
}

export class Search {
  /** The best so far; its list and choices, scheduled forwards, give its makespan. */
  readonly best: Candidate;
  readonly #options: SearchOptions;
  readonly #decoder: Decoder;
  readonly #random: Random;
  readonly #sampler: Sampler;
  readonly #breeding: Breeding;
  readonly #backwards: Int32Array;
  /** By task: how long before the end it starts at the latest. */
  readonly #fromEnd: Float64Array;
  /** By chance, one for each task: the starts multiplied by them add up to the mark of a schedule. */
  readonly #weights: Float64Array;

  constructor(options: SearchOptions) {
    const { work, seed } = options;
    this.best = createCandidate(work.size);
    this.#options = options;
    this.#decoder = new Decoder(work);
    this.#random = new Random(seed);
    this.#sampler = new Sampler(work.network, this.#random);
    this.#breeding = new Breeding(work, this.#random);
    this.#backwards = new Int32Array(work.size);
    this.#fromEnd = new Float64Array(work.size);
    this.#weights = new Float64Array(work.size).map(() => this.#random.next());
  }

  run(): void {
    let isFirst = true;
    while (!this.#isOver()) {
      const parents = this.#begin(isFirst);
      isFirst = false;
      this.#evolve(parents);
    }
  }

  #isOver(): boolean {
    const { spending, lowerBound } = this.#options;
    return this.best.makespan <= lowerBound || (this.best.makespan < Infinity && spending.share() >= 1);
  }

  #begin(isFirst: boolean): Candidate[] {
    const { work, spending, known } = this.#options;
    const until = spending.share() + FIRST_SHARE;
    const most = work.classes > 1 ? FLEET_POPULATION : POPULATION;
    const parents: Candidate[] = [];
    while (parents.length < most && (parents.length < FEWEST || spending.share() < until)) {
      const candidate = createCandidate(work.size);
      const given = isFirst ? known[parents.length - 1] : undefined;
      if (given !== undefined) copySchedule(given, candidate);
      else if (isFirst && parents.length === 0) this.#sampler.fillLongestFirst(candidate.list);
      else this.#sampler.fill(candidate.list, (parents.length % 3) + 1);
      parents.push(candidate);
      this.#improve(candidate);
      // However small the budget: what is known is never missed.
      if (this.#isOver() && (!isFirst || parents.length > known.length || this.best.makespan <= this.#options.lowerBound)) break;
    }
    return parents;
  }

  #evolve(first: readonly Candidate[]): void {
    const { work } = this.#options;
    let parents = ranked(first);
    let children = parents.map(() => createCandidate(work.size));
    let stale = 0;
    while (stale < STALE_LIMIT && !this.#isOver()) {
      const before = this.best.makespan;
      for (const child of children) {
        if (work.classes > 1 && this.#random.next() < VARIED_SHARE) this.#breeding.vary(this.#pick(parents), child, 1 + this.#random.below(CHANGES));
        else {
          this.#breeding.cross(this.#pick(parents), this.#pick(parents), child);
          this.#breeding.mutate(child, Math.min(0.5, MOVES / work.size), CLASS_SHARE);
        }
        this.#improve(child);
        if (this.#isOver()) return;
      }
      const all = ranked([...parents, ...children]);
      children = all.splice(parents.length);
      parents = all;
      stale = this.best.makespan < before ? 0 : stale + 1;
    }
  }

  /** The better of two at random. */
  #pick(parents: readonly Candidate[]): Candidate {
    const one = parents[this.#random.below(parents.length)]!;
    const other = parents[this.#random.below(parents.length)]!;
    return one.makespan <= other.makespan ? one : other;
  }

  /** Forwards, backwards, forwards; each is no longer than the one before. */
  #improve(candidate: Candidate): void {
    const { work, spending } = this.#options;
    const { needs, dependents } = work.network;
    const { list, choices } = candidate;
    const decoder = this.#decoder;
    decoder.decode(list, needs, choices);
    decoder.byFinishDescending(this.#backwards);
    // The classes stay as the first pass chose them, or a later pass could be longer; on unequal agents this gave 1.099 of the bound
    // where choosing anew in each pass gave 1.112.
    choices.set(decoder.classes);
    decoder.decode(this.#backwards, dependents, choices);
    decoder.byFinishDescending(list);
    this.#fromEnd.set(decoder.finishes);
    candidate.makespan = decoder.decode(list, needs, choices);
    this.#noteCritical(candidate);
    candidate.mark = this.#mark();
    spending.schedules += 3;
    if (candidate.makespan < this.best.makespan) copyCandidate(candidate, this.best);
  }

  /** Between its earliest start and its latest, as the two directions have it, a critical task has no room. */
  #noteCritical(candidate: Candidate): void {
    const { starts } = this.#decoder;
    const latest = candidate.makespan * (1 - 1e-9);
    let count = 0;
    for (let task = 0; task < starts.length; task++) if (starts[task]! + this.#fromEnd[task]! >= latest) candidate.critical[count++] = task;
    candidate.criticalCount = count;
  }

  #mark(): number {
    const { starts } = this.#decoder;
    let mark = 0;
    for (let task = 0; task < starts.length; task++) mark += starts[task]! * this.#weights[task]!;
    return mark;
  }
}
