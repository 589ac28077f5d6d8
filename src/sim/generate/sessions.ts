/**
 * Sessions of agents as a closed-loop source: sessions arrive at random, each makes call after call, and thinks in between (a tool
 * runs, or a person reads). A session's next call is released only when the last one has ended and the think time is over, so
 * a slow fleet is asked for less. The defaults are fitted to figures of 692 recorded sessions of a coding agent (46,218 calls,
 * callanjfox/kv-cache-tester, Apache-2.0): medians and means of calls a session, service, and think times after tools and people.
 */
import { lognormal, type Distribution } from "../distributions.ts";
import { EventHeap } from "../driver/event-heap.ts";
import { Random } from "../random.ts";
import type { TaskSource, WorkloadTask } from "../workload/task.ts";

export interface SessionOptions {
  /** Sessions a second. */
  readonly rate: number;
  /** How many sessions; default without end. */
  readonly sessions?: number;
  /** How many calls in all: then the workload ends, in the middle of sessions. Default as many as the sessions make. */
  readonly tasks?: number;
  /** Calls of a session, rounded up. */
  readonly calls: Distribution;
  /** Seconds of a call at speed 1. */
  readonly service: Distribution;
  /** Seconds between calls: after a tool, and after a person. */
  readonly toolThink: Distribution;
  readonly userThink: Distribution;
  /** Share of calls that follow on a person. */
  readonly userShare: number;
}

/** Lognormal of a median and a mean. */
function fitted(median: number, mean: number): Distribution {
  return lognormal(median, Math.sqrt(2 * Math.log(mean / median)));
}

export const RECORDED_SESSIONS = {
  calls: fitted(44, 65.8),
  service: fitted(6.1, 9.78),
  toolThink: fitted(9, 92.7),
  userThink: fitted(96, 518),
  userShare: 0.149,
} as const satisfies Partial<SessionOptions>;

/** The type of a session's calls. */
const CALL = "call";
const ARRIVALS = 11;
const SESSIONS = 12;

interface OpenSession {
  readonly name: string;
  readonly random: Random;
  callsLeft: number;
}

type Draft = { -readonly [Key in keyof WorkloadTask]: WorkloadTask[Key] };

export class SessionSource implements TaskSource {
  readonly types: readonly string[] = [CALL];
  readonly taskCount: number | undefined;
  readonly #options: SessionOptions;
  readonly #seed: number;
  readonly #arrivals: Random;
  /** Sessions under way, by the number that is the ref of their call. */
  readonly #open: (OpenSession | undefined)[] = [];
  readonly #free: number[] = [];
  /** When the next call of each is released. */
  readonly #calls = new EventHeap();
  readonly #task: Draft = { arrivalMs: 0, serviceMs: 0, type: CALL };
  #begun = 0;
  readonly #sessions: number;
  #tasksLeft: number;
  #nextSessionMs: number;

  constructor(options: SessionOptions, seed: number) {
    this.#options = options;
    this.#seed = seed;
    this.#arrivals = new Random(seed, ARRIVALS);
    this.#sessions = options.sessions ?? Infinity;
    this.#tasksLeft = options.tasks ?? Infinity;
    this.taskCount = options.sessions === undefined ? options.tasks : undefined;
    this.#nextSessionMs = this.#gapMs();
  }

  get nextAtMs(): number {
    return this.#tasksLeft > 0 ? Math.min(this.#nextSessionMs, this.#calls.firstAt) : Infinity;
  }

  take(): WorkloadTask {
    if (this.#calls.firstAt > this.#nextSessionMs) this.#begin();
    const atMs = this.#calls.firstAt;
    const ref = this.#calls.pop();
    const session = this.#open[ref]!;
    session.callsLeft -= 1;
    this.#tasksLeft -= 1;
    const task = this.#task;
    task.arrivalMs = atMs;
    task.serviceMs = this.#options.service.draw(session.random) * 1000;
    task.session = session.name;
    task.endsSession = session.callsLeft === 0;
    task.ref = ref;
    return task;
  }

  ended(ref: number, atMs: number): void {
    const session = this.#open[ref]!;
    if (session.callsLeft === 0) {
      this.#open[ref] = undefined;
      this.#free.push(ref);
      return;
    }
    const { userShare, userThink, toolThink } = this.#options;
    const think = session.random.next() < userShare ? userThink : toolThink;
    this.#calls.push(atMs + think.draw(session.random) * 1000, ref);
  }

  #begin(): void {
    this.#begun += 1;
    const ref = this.#free.pop() ?? this.#open.length;
    // Its own stream: what a session draws must not depend on who ended before whom.
    const random = new Random(this.#seed, SESSIONS + this.#begun);
    this.#open[ref] = { name: `session${this.#begun}`, random, callsLeft: Math.max(1, Math.ceil(this.#options.calls.draw(random))) };
    this.#calls.push(this.#nextSessionMs, ref);
    this.#nextSessionMs = this.#begun < this.#sessions ? this.#nextSessionMs + this.#gapMs() : Infinity;
  }

  #gapMs(): number {
    return (this.#arrivals.exponential() / this.#options.rate) * 1000;
  }
}
