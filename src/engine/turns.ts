/**
 * Group commit. Events gather while earlier turns are being written; a turn takes what has gathered, applies it to the core
 * and hands the changed rows to the store as one transaction. Only when that is durable are replies passed on and commands
 * carried out. Up to `turnsInFlight` turns are on their way at once, so the next ones are prepared while one is written;
 * batches grow with load by themselves, and an idle engine answers at once.
 */
import type { Event, Reply, Turn } from "../core/event.ts";
import type { Scheduler } from "../core/scheduler.ts";
import type { Agent } from "../core/agent.ts";
import type { AgentId, Instant } from "../core/task.ts";
import type { AgentRow, Commit, LogRow, SettingRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { Clock, Timer } from "./clock.ts";
import type { EngineLimits } from "./limits.ts";
import { rowsOf } from "./rows.ts";
import { limitUsedRow } from "./limit-rows.ts";
import type { SpecTable } from "./specs.ts";

export type OnReply = (reply: Reply) => void;

/** What is committed along with an event. */
export interface Alongside {
  /** Kept unless the event is refused. */
  readonly settings?: readonly SettingRow[];
  readonly requestDone?: number;
}

interface Posted {
  readonly event: Event;
  readonly onReply: OnReply | undefined;
  readonly alongside: Alongside | undefined;
}

export interface TurnsOptions {
  readonly scheduler: Scheduler;
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: EngineLimits;
  readonly specs: SpecTable;
  readonly epoch: number;
  /** Setting rows that may as well go with a commit at `now`; they cause none. */
  readonly settingsDue: (now: Instant) => readonly SettingRow[];
  /** The turn is applied and about to be written. */
  readonly onApplied: (turn: Turn) => void;
  /** The turn is durable, or changed nothing and all before it are. */
  readonly onDurable: (turn: Turn, posted: readonly Event[], at: Instant) => void;
  readonly onFailure: (error: unknown) => void;
}

/** How long turns may follow each other at once before timers and I/O get their turn; each pause costs a few percent of the rate. */
const ROUND_MS = 4;
const NO_LOGS: readonly LogRow[] = [];
/** `liveFrom` may lag: it only says where a reopening starts to read. */
const LIVE_FROM_EVERY_TURNS = 64;

export class Turns {
  readonly #options: TurnsOptions;
  #posted: Posted[] = [];
  #logs: LogRow[] = [];
  #inFlight = 0;
  #isDue = false;
  /** When the first turn of this round of the event loop ran; undefined before it. */
  #roundSince: Instant | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  #turnCount = 0;
  #liveFrom = 1;
  #lastCommit: Promise<void> = Promise.resolve();
  #onQuiet: (() => void)[] = [];

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  post(event: Event, onReply?: OnReply, alongside?: Alongside): void {
    if (this.#stopped) return;
    this.#posted.push({ event, onReply, alongside });
    this.#request();
  }

  /** Written with the next turn. */
  log(row: LogRow): void {
    if (this.#stopped) return;
    this.#logs.push(row);
    this.#request();
  }

  /** Nothing waits to be applied or written. */
  get isQuiet(): boolean {
    return this.#posted.length === 0 && this.#inFlight === 0;
  }

  /** Resolves when everything posted so far is durable. */
  quiet(): Promise<void> {
    if (this.isQuiet && this.#logs.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#posted = [];
    this.#logs = [];
    this.#tellQuiet();
  }

  #request(): void {
    if (this.#isDue || this.#stopped || this.#inFlight >= this.#options.limits.turnsInFlight) return;
    this.#isDue = true;
    // A store that answers at once, as the one in memory, has the next answer there before the last one is dealt with: without
    // a pause between turns, timers and sockets would starve. The file's thread gives way by itself; there the pause costs nothing.
    this.#options.clock.soon(() => {
      this.#isDue = false;
      if (!this.#stopped) this.#tryRun();
    }, this.#roundSince !== undefined && this.#options.clock.now() - this.#roundSince >= ROUND_MS);
  }

  /** What is half applied must not go on, and what could not be packed is in memory but not in the file: then nothing follows. */
  #tryRun(): void {
    try {
      this.#run();
    } catch (error) {
      this.#failed(error);
    }
  }

  #run(): void {
    const { scheduler, clock, limits } = this.#options;
    if (this.#roundSince === undefined) {
      this.#roundSince = clock.now();
      clock.soon(() => (this.#roundSince = undefined), true);
    }
    const posted = takeWeighed(this.#posted, limits.turnEvents);
    this.#posted = posted === this.#posted ? [] : this.#posted.slice(posted.length);
    const now = clock.now();
    const events = posted.map((one) => one.event);
    const agentsBefore = agentsThatMayLeave(scheduler, events);
    const turn = scheduler.turn(now, events);
    this.#wakeAt(turn.wakeAt, now);
    this.#options.onApplied(turn);
    const commit = this.#commitOf(turn, posted, agentsBefore, now);
    this.#inFlight += 1;
    // A turn that changed nothing is not written, but its replies may speak of turns that are not durable yet.
    const written = commit === undefined ? this.#lastCommit : this.#options.store.commit(commit);
    this.#lastCommit = written;
    written.then(() => this.#durable(turn, posted, events, now), (error: unknown) => this.#failed(error));
  }

  #durable(turn: Turn, posted: readonly Posted[], events: readonly Event[], now: Instant): void {
    if (this.#stopped) return;
    this.#inFlight -= 1;
    // The next turn first: it is written while the agents take up what this one started.
    if (this.#posted.length > 0 || this.#logs.length > 0) this.#request();
    for (let index = 0; index < posted.length; index++) posted[index]!.onReply?.(turn.replies[index]!);
    this.#options.onDurable(turn, events, now);
    if (this.isQuiet) this.#tellQuiet();
  }

  #failed(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.onFailure(error);
  }

  #wakeAt(at: Instant | undefined, now: Instant): void {
    this.#timer?.cancel();
    // The clock tells whole milliseconds: a timer for a part of one would find it where it was.
    this.#timer = at === undefined ? undefined : this.#options.clock.after(Math.max(0, Math.ceil(at - now)), () => this.post({ kind: "tick" }));
  }

  #commitOf(turn: Turn, posted: readonly Posted[], agentsBefore: ReadonlyMap<AgentId, Agent>, now: Instant): Commit | undefined {
    const { scheduler, epoch, specs } = this.#options;
    const logs = this.#logs.length === 0 ? NO_LOGS : this.#logs;
    if (logs !== NO_LOGS) this.#logs = [];
    const settings: SettingRow[] = [];
    const requestsDone: number[] = [];
    posted.forEach(({ alongside }, index) => {
      if (alongside === undefined) return;
      if (alongside.settings !== undefined && turn.replies[index]!.kind !== "refused") settings.push(...alongside.settings);
      if (alongside.requestDone !== undefined) requestsDone.push(alongside.requestDone);
    });
    for (const change of turn.limits) settings.push(limitUsedRow(change));
    const agents = agentRows(turn, posted, now);
    if (turn.changes.length + turn.flows.length + logs.length + settings.length + requestsDone.length + agents.length === 0) return undefined;
    settings.push(...this.#options.settingsDue(now));
    const current = new Map(scheduler.agents().map((agent) => [agent.id, agent]));
    const rows = rowsOf(turn.changes, (id) => current.get(id) ?? agentsBefore.get(id), now);
    // A redrive brings back tasks from before it, and finished ones of their flows: then it must not lag.
    const goesBack = posted.some((one) => one.event.kind === "redrive");
    if (goesBack || this.#turnCount++ % LIVE_FROM_EVERY_TURNS === 0) this.#liveFrom = scheduler.liveFrom;
    return { epoch, at: now, specs: specs.takeUnsaved(), agents, flows: turn.flows.map((flow) => ({ ...flow, id: flow.flowId })), ...rows, logs, settings, requestsDone, liveFrom: this.#liveFrom };
  }

  #tellQuiet(): void {
    const waiting = this.#onQuiet;
    this.#onQuiet = [];
    for (const resolve of waiting) resolve();
  }
}

/** The first events, up to a weight; a submission weighs as much as it holds tasks. At least one. */
function takeWeighed(posted: Posted[], weight: number): Posted[] {
  let sum = 0;
  for (let index = 0; index < posted.length; index++) {
    const { event } = posted[index]!;
    sum += event.kind === "submit" ? event.tasks.length : 1;
    if (sum >= weight) return index + 1 === posted.length ? posted : posted.slice(0, index + 1);
  }
  return posted;
}

function agentRows(turn: Turn, posted: readonly Posted[], now: Instant): AgentRow[] {
  const rows: AgentRow[] = [];
  posted.forEach(({ event }, index) => {
    if (event.kind !== "agent-join") return;
    const reply = turn.replies[index]!;
    if (reply.kind !== "joined") return;
    const { name, kind, slots, costPerHour = 0, weight = 1, region = null, speed = 1, speeds = null } = event.agent;
    rows.push({ id: reply.agentId, name, kind, slots, costPerHour, weight, region, speed, speeds, joinedAt: now });
  });
  return rows;
}

/** Agents are needed for the cost of attempts that end with them; those of silent ones are looked up before they go. */
function agentsThatMayLeave(scheduler: Scheduler, events: readonly Event[]): ReadonlyMap<AgentId, Agent> {
  const mayLeave = events.some((event) => event.kind === "agent-leave") || scheduler.agents().some((agent) => agent.silenceTimer !== undefined || agent.draining);
  return mayLeave ? new Map(scheduler.agents().map((agent) => [agent.id, agent])) : new Map();
}
