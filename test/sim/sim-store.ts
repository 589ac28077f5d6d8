/**
 * The store on virtual time. The disk is the real memory store; what stands between it and an engine is a connection that
 * takes its time, fails, and is cut off when its process dies: what had not taken effect by then is lost. As the interface
 * demands, calls take effect in the order in which they were made, and after a failed write nothing more is written. A new
 * connection takes over from the one before, whose commits the disk refuses from then on, by their epoch.
 */
import { isMakespanError, MakespanError } from "../../src/protocol/errors.ts";
import { createMemoryStore, type MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { Random } from "./random.ts";
import type { SimProcess } from "./virtual-clock.ts";
import { hit, strikes, type World } from "./world.ts";

type Kind = "open" | "read" | "write" | "commit" | "close";

interface Call {
  readonly kind: Kind;
  readonly effect: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface ConnectionHooks {
  /** A commit took effect; whoever sent it has not heard of it. */
  readonly onCommitted: () => void;
  readonly onOpened: () => void;
}

export class SimDisk {
  readonly content: MemoryStore = createMemoryStore();
  readonly #world: World;
  #connections = 0;

  constructor(world: World) {
    this.#world = world;
  }

  connect(process: SimProcess, hooks: ConnectionHooks): SimConnection {
    this.#connections += 1;
    return new SimConnection(this.#world, this.content, process, this.#world.random.fork("store", this.#connections), hooks);
  }
}

export class SimConnection implements Store {
  readonly #world: World;
  readonly #content: MemoryStore;
  readonly #process: SimProcess;
  readonly #random: Random;
  readonly #hooks: ConnectionHooks;
  /** Calls that have not taken effect. */
  #calls: Call[] = [];
  /** What became of those that have, until their process hears of it. */
  readonly #answers: (() => void)[] = [];
  #lastAnswerAt = 0;
  #isBusy = false;
  #isClosed = true;
  #failure: MakespanError | undefined;

  constructor(world: World, content: MemoryStore, process: SimProcess, random: Random, hooks: ConnectionHooks) {
    this.#world = world;
    this.#content = content;
    this.#process = process;
    this.#random = random;
    this.#hooks = hooks;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The process died. Of the calls on their way, the first few may still take effect; the rest is lost. */
  async cut(): Promise<void> {
    const calls = this.#calls;
    this.#calls = [];
    this.#isClosed = true;
    let arrives = true;
    for (const call of calls) {
      arrives &&= call.kind !== "open" && this.#random.chance(0.5) && this.#failure === undefined;
      if (arrives) await call.effect().catch(() => undefined);
      else if (call.kind === "commit") hit(this.#world, "commit-cut-off");
    }
  }

  open: Store["open"] = () =>
    this.#call("open", async () => {
      await this.#content.close();
      const state = await this.#content.open();
      this.#isClosed = false;
      this.#world.checker.opened(state.epoch);
      this.#world.log.add(`store open epoch=${state.epoch}`);
      this.#hooks.onOpened();
      return state;
    });

  commit: Store["commit"] = (commit) => {
    this.#world.checker.commitSent(commit);
    return this.#call("commit", async () => {
      await this.#content.commit(commit);
      this.#world.checker.committed(commit);
      this.#hooks.onCommitted();
    });
  };

  retain: Store["retain"] = (rule, epoch) =>
    this.#call("write", async () => {
      const count = await this.#content.retain(rule, epoch);
      const known = [...this.#world.checker.model.tasks.keys()];
      const left = count === 0 ? [] : await this.#content.taskGet(known, false);
      if (count > 0) this.#world.checker.retained(new Set(left.map(({ id }) => id)));
      return count;
    });

  liveLoad: Store["liveLoad"] = (after, limit) => this.#call("read", () => this.#content.liveLoad(after, limit));
  payloadLoad: Store["payloadLoad"] = (requests) => this.#call("read", () => this.#content.payloadLoad(requests));
  keyFind: Store["keyFind"] = (keys) => this.#call("read", () => this.#content.keyFind(keys));
  taskGet: Store["taskGet"] = (ids, payloads) => this.#call("read", () => this.#content.taskGet(ids, payloads));
  taskList: Store["taskList"] = (page) => this.#call("read", () => this.#content.taskList(page));
  flowTaskIds: Store["flowTaskIds"] = (flowIds) => this.#call("read", () => this.#content.flowTaskIds(flowIds));
  flowList: Store["flowList"] = (after, limit) => this.#call("read", () => this.#content.flowList(after, limit));
  attemptList: Store["attemptList"] = (taskId) => this.#call("read", () => this.#content.attemptList(taskId));
  logList: Store["logList"] = (taskId, after, limit) => this.#call("read", () => this.#content.logList(taskId, after, limit));
  agentList: Store["agentList"] = () => this.#call("read", () => this.#content.agentList());
  requestList: Store["requestList"] = (limit) => this.#call("read", () => this.#content.requestList(limit));
  info: Store["info"] = () => this.#call("read", () => this.#content.info());

  close: Store["close"] = () =>
    this.#call("close", async () => {
      this.#isClosed = true;
    });

  #call<Value>(kind: Kind, effect: () => Promise<Value>): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      this.#calls.push({ kind, effect, resolve: resolve as (value: unknown) => void, reject });
      this.#next();
    });
  }

  #next(): void {
    const call = this.#calls[0];
    if (this.#isBusy || call === undefined) return;
    this.#isBusy = true;
    this.#world.time.after(this.#latencyMs(call.kind), () => {
      // The process may have died meanwhile, and this call with it.
      if (this.#calls[0] === call) {
        this.#calls.shift();
        void this.#carryOut(call);
      } else this.#isBusy = false;
    });
  }

  async #carryOut(call: Call): Promise<void> {
    const error = this.#refusal(call.kind);
    let answer: () => void;
    if (error !== undefined) {
      answer = () => call.reject(error);
    } else {
      try {
        const value = await call.effect();
        const lie = call.kind === "commit" && strikes(this.#world, this.#random, "commit-ambiguous", this.#world.swarm.commitAmbiguous);
        if (lie) this.#failure = ioError("the write was done, and its confirmation was lost");
        const { resolve, reject } = call;
        const failure = this.#failure;
        answer = lie ? () => reject(failure) : () => resolve(value);
      } catch (caught) {
        if (isMakespanError(caught, "store_fenced")) hit(this.#world, "commit-fenced");
        answer = () => call.reject(caught);
      }
    }
    this.#isBusy = false;
    this.#next();
    this.#deliver(answer);
  }

  /** Answers arrive in the order of the calls. */
  #deliver(answer: () => void): void {
    const { time } = this.#world;
    this.#answers.push(answer);
    this.#lastAnswerAt = Math.max(this.#lastAnswerAt, time.now + this.#random.delayMs(this.#world.swarm.storeLatencyMs / 2));
    time.after(this.#lastAnswerAt - time.now, () => this.#answers.shift()!(), this.#process);
  }

  #refusal(kind: Kind): MakespanError | undefined {
    if (kind === "close") return undefined;
    if (kind === "open") return strikes(this.#world, this.#random, "open-error", this.#world.swarm.openError) ? ioError("the file cannot be opened") : undefined;
    if (this.#isClosed) return new MakespanError("engine_closed", "The store is closed.");
    const { swarm } = this.#world;
    if (kind === "read") return strikes(this.#world, this.#random, "read-error", swarm.readError) ? ioError("the read failed") : undefined;
    if (this.#failure === undefined && strikes(this.#world, this.#random, "commit-error", swarm.commitError)) this.#failure = ioError("the write failed");
    return this.#failure;
  }

  #latencyMs(kind: Kind): number {
    const { swarm } = this.#world;
    const latencyMs = this.#random.delayMs(swarm.storeLatencyMs);
    if (kind !== "commit") return latencyMs;
    if (strikes(this.#world, this.#random, "commit-stall", swarm.commitStall)) return latencyMs + this.#random.between(1, 20) * 1_000;
    return strikes(this.#world, this.#random, "commit-slow", swarm.commitSlow) ? latencyMs * 20 : latencyMs;
  }
}

function ioError(what: string): MakespanError {
  return new MakespanError("store_io", `Simulated: ${what}.`);
}
