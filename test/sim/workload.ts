/**
 * The clients: they submit, cancel, answer, redrive, change settings and wait for results, each call drawn from the seed. A
 * client that does not hear whether its keyed submission was accepted repeats it until it does.
 */
import type { TaskId } from "../../src/core/task.ts";
import type { Engine, SubmitBatch } from "../../src/engine/types.ts";
import type { Lives } from "./lives.ts";
import type { Random } from "./random.ts";
import { drawFlow, drawTask, QUEUES, TYPES } from "./tasks.ts";
import { hit, strikes, type World } from "./world.ts";

/** Codes with which an engine says that it is gone, not that the call was wrong. */
const GONE: ReadonlySet<string> = new Set(["engine_closed", "store_io", "store_fenced"]);

export class Workload {
  readonly #world: World;
  readonly #lives: Lives;
  readonly #random: Random;
  readonly #answers = new Map<TaskId, Set<string>>();
  /** Submissions that were given keys, to be repeated now and then. */
  readonly #keyed: SubmitBatch[] = [];
  #underWay = 0;
  #count = 0;

  constructor(world: World, lives: Lives) {
    this.#world = world;
    this.#lives = lives;
    this.#random = world.random.fork("clients");
  }

  /** Spreads the calls over the fault phase. */
  schedule(): void {
    const { swarm, time } = this.#world;
    for (let call = 0; call < swarm.calls; call++) {
      time.after(this.#random.int(swarm.faultPhaseMs), () => this.#during(this.#callOnce()));
    }
  }

  /** Every call has ended, one way or another. */
  get isQuiet(): boolean {
    return this.#underWay === 0;
  }

  /** Gives every parked task that waits for it an answer. */
  answerAll(): void {
    for (const { row } of this.#world.checker.model.live()) {
      if (row.state === "parked" && row.parkedFor === "answer") this.#during(this.#answer(row.id));
    }
  }

  #during(call: Promise<void>): void {
    this.#underWay += 1;
    const over = (): void => void (this.#underWay -= 1);
    call.then(over, (error: unknown) => {
      over();
      this.#world.checker.fail(`a client broke: ${String((error as Error).stack)}`);
    });
  }

  async #callOnce(): Promise<void> {
    const number = ++this.#count;
    const random = this.#random.fork("call", number);
    const share = random.next();
    if (share < 0.25) return this.#submit({ tasks: [{ ...drawTask(this.#world, random), key: `key ${number}` }] }, random);
    if (share < 0.32) return this.#submit({ tasks: Array.from({ length: random.between(1, 5) }, () => drawTask(this.#world, random)) }, random);
    if (share < 0.52) return this.#submit({ tasks: drawFlow(this.#world, random, `flow ${number}`, this.#someIds(random, 3)), flow: { name: `flow ${number}` } }, random);
    if (share < 0.57) return this.#repeat(random);
    if (share < 0.66) return this.#cancel(random);
    if (share < 0.73) return this.#answerSome(random);
    if (share < 0.81) return this.#redrive(random);
    if (share < 0.85) return this.#wait(random);
    if (share < 0.95) return this.#settings(random);
    if (share < 0.97) return this.#wrong(random);
    return this.#fromOutside(random);
  }

  /** Repeated until it is acknowledged or refused, if keys make that safe. */
  async #submit(batch: SubmitBatch, random: Random): Promise<void> {
    const { checker, log, time, swarm } = this.#world;
    const isKeyed = batch.tasks.every(({ key }) => key !== undefined);
    if (isKeyed) this.#keyed.push(batch);
    for (;;) {
      const life = await this.#lives.up();
      log.add(`submit ${batch.tasks.map(({ key }) => key ?? "-").join(",")} to life ${life.number}`);
      const end = await this.#lives.call(life, "submit", life.engine.submit(batch), (reply) => {
        log.add(`submitted ${reply.ids.join(",")}`);
        checker.submitted(batch, reply);
      });
      if (!isKeyed || (end.kind === "refused" && !GONE.has(end.code))) return;
      if (end.kind === "done" && !strikes(this.#world, random, "ack-lost", swarm.ackLost)) {
        if (random.chance(0.3)) await this.#settled(random.pick(end.value.ids));
        return;
      }
      await time.sleep(random.between(1, 500));
    }
  }

  /** The same again, sometimes to take the place of what failed. */
  async #repeat(random: Random): Promise<void> {
    if (this.#keyed.length === 0) return;
    const batch = random.pick(this.#keyed);
    const rerun = random.chance(0.5);
    if (rerun) this.#world.checker.rerunAsked(batch.tasks.flatMap(({ key }) => key ?? []));
    return this.#submit({ ...batch, tasks: batch.tasks.map((task) => ({ ...task, rerun })) }, random);
  }

  async #cancel(random: Random): Promise<void> {
    const ids = this.#someIds(random, 3);
    const flowId = random.pick([...this.#world.checker.model.flows.keys(), 0]);
    const kind = random.int(10);
    if (kind < 6) {
      await this.#ask(`cancel ${ids.join(",")}`, (engine) => engine.cancel({ ids }, "by_client"), () => this.#world.checker.cancelled(ids));
    } else if (kind < 8) await this.#ask(`cancel flow ${flowId}`, (engine) => engine.cancel({ flowId }, "by_client"));
    else await this.#ask("cancel by type", (engine) => engine.cancel({ types: [random.pick(TYPES)], states: ["queued", "running"] }, "by_client"));
  }

  async #answerSome(random: Random): Promise<void> {
    const parked = this.#world.checker.model.idsIn("parked");
    const ids = random.chance(0.2) ? this.#someIds(random, 1) : parked.filter(() => random.chance(0.5));
    for (const id of ids) await this.#answer(id);
  }

  async #answer(id: TaskId): Promise<void> {
    const answers = this.#answers.get(id) ?? new Set();
    this.#answers.set(id, answers);
    const answer = JSON.stringify({ answer: answers.size + 1 });
    answers.add(answer);
    await this.#ask(`answer ${id}`, (engine) => engine.answer(id, answer), () => this.#world.checker.answered(id, answers));
  }

  async #redrive(random: Random): Promise<void> {
    const { model } = this.#world.checker;
    const candidates = model.idsIn("failed", "cancelled", "expired", "skipped").filter(() => random.chance(0.5));
    const ids = random.chance(0.1) ? this.#someIds(random, 2) : candidates;
    this.#world.checker.redriveAsked(ids);
    await this.#ask(`redrive ${ids.join(",")}`, (engine) => engine.redrive(ids));
  }

  async #wait(random: Random): Promise<void> {
    for (const id of this.#someIds(random, 2)) await this.#settled(id);
  }

  /** Waits for a result; when the engine goes away meanwhile, the client gives up. */
  async #settled(id: TaskId): Promise<void> {
    const life = await this.#lives.up();
    const waited = life.engine.settled(id);
    // Not waited for: it may take as long as it likes.
    void this.#lives.call(life, `settled ${id}`, waited, (outcome) => this.#world.checker.settled(id, outcome));
  }

  async #settings(random: Random): Promise<void> {
    const queue = random.pick([...QUEUES, undefined]);
    switch (random.int(6)) {
      case 0:
        return this.#ask(`pause ${queue}`, (engine) => engine.pause(queue));
      case 1:
        return this.#ask(`resume ${queue}`, (engine) => engine.resume(queue));
      case 2:
        return this.#ask("policy", (engine) => engine.setPolicy(random.pick(QUEUES), random.pick(["fcfs", "priority"])));
      case 3:
        return this.#ask("balancer", (engine) => engine.setBalancer(random.pick(["round-robin", "least-connections", "weighted", "nearest:measured", "power-of-two", "earliest-finish", "cheapest"])));
      default:
        return this.typeLimit(random.pick(TYPES), random.pick([1, 2, 3, null]));
    }
  }

  /** Sets the greatest number of a type's attempts at once; null lifts it. */
  async typeLimit(type: string, limit: number | null): Promise<void> {
    const { checker } = this.#world;
    const life = await this.#lives.up();
    const acknowledged = checker.typeLimits.asked(life.number, type, limit);
    this.#world.log.add(`limit ${type} ${limit}`);
    await this.#lives.call(life, "limit", life.engine.setTypeLimit(type, limit), () => acknowledged(checker.sentCount));
  }

  /** What must be refused, with the code that it must be refused with. */
  async #wrong(random: Random): Promise<void> {
    const task = drawTask(this.#world, random);
    const tries: readonly (readonly [string, (engine: Engine) => Promise<unknown>])[] = [
      ["flow_cycle", (engine) => engine.submit({ tasks: [{ ...task, needs: [{ kind: "new", index: 1 }] }, { ...task, needs: [{ kind: "new", index: 0 }] }], flow: { name: "circle" } })],
      ["dependency_unknown", (engine) => engine.submit({ tasks: [{ ...task, needs: [{ kind: "task", id: 1_000_000 }] }] })],
      ["payload_too_large", (engine) => engine.submit({ tasks: [{ ...task, input: JSON.stringify("x".repeat(3_000)) }] })],
      ["policy_unknown", (engine) => engine.setPolicy("left", "none")],
      ["task_not_found", (engine) => engine.answer(1_000_000, "1")],
      ["task_not_found", (engine) => engine.settled(1_000_000)],
    ];
    const [code, run] = random.pick(tries);
    const life = await this.#lives.up();
    const end = await this.#lives.call(life, `wrong ${code}`, run(life.engine));
    if (end.kind === "done") this.#world.checker.fail(`a call that must be refused as ${code} was accepted`);
    if (end.kind !== "refused") return;
    hit(this.#world, "refused");
    if (end.code !== code && !GONE.has(end.code)) this.#world.checker.fail(`a call that must be refused as ${code} was refused as ${end.code}`);
  }

  /** A request left in the store by another process. */
  async #fromOutside(random: Random): Promise<void> {
    if (!Number.isFinite(this.#world.swarm.requestEveryMs)) return;
    const ids = this.#someIds(random, 2);
    const kind = random.pick(["cancel", "redrive", "pause", "nonsense"] as const);
    if (kind === "redrive") this.#world.checker.redriveAsked(ids);
    const request = kind === "cancel" ? { kind, select: { ids }, reason: "from_outside" } : kind === "redrive" ? { kind, ids } : { kind };
    this.#world.log.add(`request ${kind} ${ids.join(",")}`);
    this.#lives.disk.content.requestAppend(JSON.stringify(request), this.#world.time.wall);
  }

  /** Asks once; what becomes of it when the engine goes away does not matter to this client. */
  async #ask<Value>(name: string, run: (engine: Engine) => Promise<Value>, check?: (value: Value) => void): Promise<void> {
    const life = await this.#lives.up();
    this.#world.log.add(name);
    await this.#lives.call(life, name, run(life.engine), check);
  }

  #someIds(random: Random, most: number): TaskId[] {
    const { lastTaskId } = this.#world.checker.model;
    if (lastTaskId === 0) return [];
    return [...new Set(Array.from({ length: random.between(1, most) }, () => random.between(1, lastTaskId)))];
  }
}
