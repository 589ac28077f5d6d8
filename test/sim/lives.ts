/**
 * The lives of the engine: each is a process with an engine and its agents on a connection of its own to the one disk. A life
 * ends when it is killed, when it is frozen and another takes over, when a write fails, or when it is closed in good order;
 * somebody then opens the next one, as the supervisor of a real service does.
 */
import type { AgentId } from "../../src/core/task.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { ChildRequest } from "../../src/engine/agent.ts";
import type { AgentDriver } from "../../src/engine/agent.ts";
import type { CloseMode, Engine, SubmitTask } from "../../src/engine/types.ts";
import { isMakespanError } from "../../src/protocol/errors.ts";
import type { Store } from "../../src/store/store.ts";
import { agentSpecs, specOf } from "./tasks.ts";
import { noteStale, PAYLOAD_BYTES, SimAgent } from "./sim-agents.ts";
import { SimDisk, type SimConnection } from "./sim-store.ts";
import { SimProcess } from "./virtual-clock.ts";
import { hit, strikes, type World } from "./world.ts";

export interface Wrappers {
  /** Stands between an engine and its store, or its agents; planted faults use it. */
  readonly store?: (store: Store) => Store;
  readonly agent?: (agent: AgentDriver) => AgentDriver;
}

export interface Life {
  readonly number: number;
  readonly process: SimProcess;
  readonly connection: SimConnection;
  readonly agents: Map<string, { readonly id: AgentId; readonly agent: SimAgent }>;
  /** The last one of each name, heard of by the engine or not. */
  readonly incarnations: Map<string, SimAgent>;
  /** All that the engine took. */
  readonly drivers: SimAgent[];
  engine: Engine | undefined;
  epoch: number;
  isUp: boolean;
  /** Resolves when clients cannot count on it any more. */
  readonly down: Promise<void>;
  readonly goDown: () => void;
}

export type CallEnd<Value> = { readonly kind: "done"; readonly value: Value } | { readonly kind: "refused"; readonly code: string } | { readonly kind: "lost" };

/** After this, closing `now` is too late. */
const CLOSE_WITHIN_MS = 600_000;

export class Lives {
  readonly disk: SimDisk;
  current: Life;
  readonly #world: World;
  readonly #wrappers: Wrappers;
  readonly #zombies: Life[] = [];
  #count = 0;
  #incarnations = 0;
  #waiting: (() => void)[] = [];

  constructor(world: World, wrappers: Wrappers) {
    this.#world = world;
    this.#wrappers = wrappers;
    this.disk = new SimDisk(world);
    this.current = this.#open();
  }

  /** The life that is up, as soon as one is. */
  async up(): Promise<Life & { engine: Engine }> {
    while (!this.current.isUp || this.current.engine === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.current as Life & { engine: Engine };
  }

  /** Calls an engine; whatever it answers, even after its life is over, is looked at by `check`. */
  async call<Value>(life: Life, name: string, promise: Promise<Value>, check: (value: Value) => void = () => undefined): Promise<CallEnd<Value>> {
    const { checker, log } = this.#world;
    if (life.process.isDead) return { kind: "lost" };
    checker.called(life.number, name, promise);
    const end = promise.then(
      (value): CallEnd<Value> => {
        log.add(`${name} done`);
        check(value);
        return { kind: "done", value };
      },
      (error: unknown): CallEnd<Value> => {
        log.add(`${name} refused: ${String(error)}`);
        if (!isMakespanError(error)) checker.fail(`${name} rejects with ${String(error)}`);
        return { kind: "refused", code: isMakespanError(error) ? error.code : "none" };
      },
    );
    return Promise.race([end, life.down.then((): CallEnd<Value> => ({ kind: "lost" }))]);
  }

  kill(): void {
    const life = this.current;
    this.#world.log.add(`kill life ${life.number}`);
    this.#bury(life);
    this.#openLater();
  }

  /** The process is held up; another takes over; then it goes on, believing nothing has happened. */
  zombie(): void {
    const life = this.current;
    if (!life.isUp) return;
    hit(this.#world, "engine-zombie");
    this.#world.log.add(`freeze life ${life.number}`);
    life.process.freeze();
    this.#zombies.push(life);
    this.#goDown(life);
    this.#openLater();
    this.#world.time.after(this.#world.random.between(1, 40) * 500, () => this.#thaw(life));
  }

  /** Closes the engine in good order, ever harder; then it is opened again. */
  async reopen(mode: CloseMode): Promise<void> {
    const life = this.current;
    if (!life.isUp) return;
    hit(this.#world, "engine-reopen");
    await this.close(life, mode);
    if (life === this.current && !life.process.isDead) this.#openLater();
  }

  async close(life: Life, mode: CloseMode): Promise<void> {
    const world = this.#world;
    const modes: readonly CloseMode[] = mode === "drain" ? ["drain", "leave", "now"] : mode === "leave" ? ["leave", "now"] : ["now"];
    this.#goDown(life);
    let isClosed = false;
    for (const next of modes) {
      if (life.process.isDead) return;
      world.log.add(`close life ${life.number} ${next}`);
      const closed = life.engine!.close(next);
      world.checker.called(life.number, `close ${next}`, closed);
      const end = closed.then(() => (isClosed = true), () => (isClosed = true));
      await Promise.race([end, world.time.sleep(next === "now" ? CLOSE_WITHIN_MS : world.random.between(1, 20_000))]);
      if (isClosed) break;
    }
    world.log.add(`closed life ${life.number}`);
    if (!isClosed && !life.process.isDead) world.checker.fail(`closing life ${life.number} took longer than ${CLOSE_WITHIN_MS} ms`);
    if (isClosed) this.#checkClosed(life);
  }

  /** An engine that was closed holds on to nothing. */
  #checkClosed(life: Life): void {
    if (!life.connection.isClosed) this.#world.checker.fail(`life ${life.number} was closed and its store is open`);
    for (const agent of life.drivers) if (!agent.wasClosed) this.#world.checker.fail(`life ${life.number} was closed and ${agent.spec.name} was not`);
    for (const agent of life.incarnations.values()) agent.die();
  }

  /** No more zombies: each is closed, as its own process would do when it is told to end. */
  async endZombies(): Promise<void> {
    for (const life of this.#zombies.splice(0)) {
      if (life.process.isFrozen) this.#thaw(life);
      if (!life.process.isDead) await this.close(life, "now");
    }
  }

  /** An agent joins; one of the same name that is there is not asked. */
  async join(life: Life, name: string): Promise<void> {
    const spec = agentSpecs(this.#world).find((one) => one.name === name)!;
    const world = this.#world;
    this.#incarnations += 1;
    const agent = new SimAgent({ world, process: life.process, life: life.number, epoch: () => life.epoch }, spec, this.#incarnations);
    life.incarnations.get(name)?.die();
    life.incarnations.set(name, agent);
    const joined = life.engine!.addAgent(this.#wrappers.agent?.(agent) ?? agent);
    await this.call(life, `join ${name}`, joined, (id) => {
      life.agents.set(name, { id, agent });
      life.drivers.push(agent);
    });
  }

  async leave(life: Life, name: string, drain: boolean): Promise<void> {
    const present = life.agents.get(name);
    if (present === undefined) return;
    life.agents.delete(name);
    // One that crashes is dead before anybody knows.
    if (!drain) present.agent.die();
    await this.call(life, `leave ${name}`, life.engine!.removeAgent(present.id, drain));
  }

  #thaw(life: Life): void {
    if (!life.process.isFrozen || life.process.isDead) return;
    this.#world.log.add(`thaw life ${life.number}`);
    life.process.thaw();
  }

  #open(): Life {
    const world = this.#world;
    const number = ++this.#count;
    const process = new SimProcess(world.time, world.random.fork("process", number));
    const random = world.random.fork("fate", number);
    const { promise, resolve } = Promise.withResolvers<void>();
    const killSoon = (kind: "engine-kill-at-commit" | "engine-kill-at-open", probability: number): void => {
      if (life === this.current && !process.isDead && strikes(world, random, kind, probability)) world.time.after(0, () => life === this.current && this.kill(), process, 0);
    };
    const connection = this.disk.connect(process, {
      onCommitted: () => killSoon("engine-kill-at-commit", world.swarm.killAtCommit),
      onOpened: () => killSoon("engine-kill-at-open", world.swarm.killAtOpen),
    });
    const life: Life = { number, process, connection, agents: new Map(), incarnations: new Map(), drivers: [], engine: undefined, epoch: 0, isUp: false, down: promise, goDown: resolve };
    world.log.add(`open life ${number}`);
    this.#start(life).catch((error: unknown) => world.checker.fail(`opening life ${number}: ${String(error)}`));
    return life;
  }

  async #start(life: Life): Promise<void> {
    const world = this.#world;
    const { swarm } = world;
    const store = this.#wrappers.store?.(life.connection) ?? life.connection;
    const opened = createEngine({
      store: watchEpoch(store, (epoch) => (life.epoch = epoch)),
      clock: life.process.clock,
      seed: world.seed,
      limits: {
        payloadBytes: PAYLOAD_BYTES,
        turnEvents: swarm.turnEvents,
        turnsInFlight: swarm.turnsInFlight,
        stopGraceMs: swarm.stopGraceMs,
        requestEveryMs: swarm.requestEveryMs,
        retainEveryMs: Number.isFinite(swarm.retainTasks) ? 5_000 : Infinity,
        retainTasks: swarm.retainTasks,
        inputCacheBytes: 4_000,
      },
      resolveChild: ({ type, input, options }: ChildRequest): SubmitTask => ({ spec: specOf(world, type, 0), input, ...options }),
      onFailure: (error) => this.#failed(life, error),
    });
    const end = await this.call(life, `open ${life.number}`, opened);
    if (end.kind === "lost" || life.process.isDead) return;
    if (end.kind === "refused") {
      this.#bury(life);
      this.#openLater();
      return;
    }
    life.engine = end.value;
    life.engine.observe({
      facts: (facts) => world.checker.told(facts),
      note: (note) => note.kind === "stale" && noteStale(world, note.id, note.attempt, note.report),
    });
    if (life.engine.failure !== undefined) return this.#failed(life, life.engine.failure);
    life.isUp = true;
    const waiting = this.#waiting.splice(0);
    for (const resolve of waiting) resolve();
    for (const { name } of agentSpecs(world)) void this.join(life, name);
  }

  /** A write failed and the engine stopped: it is closed, and opened again. */
  #failed(life: Life, error: Error): void {
    const { checker, log } = this.#world;
    log.add(`life ${life.number} failed: ${error.message}`);
    if (!isMakespanError(error) || !["store_io", "store_fenced"].includes(error.code)) checker.fail(`life ${life.number} failed: ${error.stack}`);
    this.#goDown(life);
    // When it fails before it was handed out, there is nothing to close yet.
    if (life.engine === undefined) return;
    const closed = life.engine.close("now");
    checker.called(life.number, "close after failure", closed);
    const over = (): void => {
      if (!life.process.isDead) this.#checkClosed(life);
      if (life === this.current && !life.process.isDead) this.#openLater();
    };
    closed.then(over, over);
  }

  #bury(life: Life): void {
    life.process.kill();
    void life.connection.cut();
    for (const agent of life.incarnations.values()) agent.die();
    this.#world.checker.forgive(life.number);
    this.#goDown(life);
  }

  #goDown(life: Life): void {
    life.isUp = false;
    life.goDown();
  }

  #openLater(): void {
    const before = this.current;
    this.#world.time.after(this.#world.random.between(1, 2_000), () => {
      if (this.current === before) this.current = this.#open();
    });
  }
}

function watchEpoch(store: Store, opened: (epoch: number) => void): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      if (name !== "open") return target[name];
      return async () => {
        const state = await target.open();
        opened(state.epoch);
        return state;
      };
    },
  });
}
