/**
 * Agents on virtual time. Each attempt follows a script (`script.ts`); its messages to the engine may be lost, late, doubled
 * or contradict each other, and the agent itself may stall, crash, or go on after it was told to end.
 */
import type { AgentSpec } from "../../src/core/agent.ts";
import type { StopReason } from "../../src/core/attempt.ts";
import type { Usage } from "../../src/core/event.ts";
import type { TaskId } from "../../src/core/task.ts";
import type { AgentDriver, AttemptReporter, AttemptStart } from "../../src/engine/agent.ts";
import { tokenOf } from "./durable-model.ts";
import type { Random } from "./random.ts";
import { drawScript, type Script, type Work } from "./script.ts";
import type { SimProcess } from "./virtual-clock.ts";
import { hit, strikes, type World } from "./world.ts";

/** Largest payload that the simulated engine takes, in bytes. */
export const PAYLOAD_BYTES = 2_000;

export interface Home {
  readonly world: World;
  readonly process: SimProcess;
  readonly life: number;
  readonly epoch: () => number;
}

interface Attempt {
  readonly token: string;
  readonly start: AttemptStart;
  readonly reporter: AttemptReporter;
  readonly random: Random;
  readonly script: Script;
  readonly startedAt: number;
  /** It has ended, or was ended. */
  isOver: boolean;
}

export class SimAgent implements AgentDriver {
  readonly spec: AgentSpec;
  /** The engine said that it has no use for it any more. */
  wasClosed = false;
  readonly #home: Home;
  readonly #random: Random;
  readonly #attempts = new Map<string, Attempt>();
  #stalledUntil = 0;
  #isDead = false;

  constructor(home: Home, spec: AgentSpec, incarnation: number) {
    this.#home = home;
    this.spec = spec;
    this.#random = home.world.random.fork(`agent ${spec.name}`, home.life * 1_000 + incarnation);
  }

  start(start: AttemptStart, reporter: AttemptReporter): void {
    const { world, life, epoch } = this.#home;
    const token = tokenOf(start.id, start.attempt);
    if (this.#isDead) return world.log.add(`start ${token} on ${this.spec.name}, which is dead`);
    world.log.add(`start ${token} on ${this.spec.name} life=${life}`);
    world.checker.started(start, life, epoch(), this.spec);
    const random = world.random.fork(`attempt ${start.id}`, start.attempt);
    const script = drawScript(world, random, JSON.parse(start.input) as Work, start.wake !== undefined);
    const attempt: Attempt = { token, start, reporter, random, script, startedAt: world.time.wall, isOver: false };
    this.#attempts.set(token, attempt);
    for (let line = 0; line < script.logLines; line++) this.#in(attempt, script.serviceMs * random.next(), () => reporter.log("info", `line of ${token}`));
    for (let index = 0; index < script.checkpoints; index++) this.#in(attempt, script.serviceMs * random.next(), () => void this.#saveCheckpoint(attempt));
    if (script.children > 0) this.#in(attempt, script.serviceMs / 2, () => void this.#submitChildren(attempt));
    else this.#in(attempt, script.serviceMs, () => this.#finish(attempt));
  }

  stop(id: TaskId, number: number, reason: StopReason): void {
    const { world } = this.#home;
    const attempt = this.#attempts.get(tokenOf(id, number));
    if (attempt === undefined || attempt.isOver || (attempt.script.ignoresStop && world.faulty)) return;
    this.#in(attempt, this.#random.delayMs(20), () => {
      const mayLeave = reason === "shutdown" || reason === "preempted";
      if (mayLeave && attempt.script.ending.kind !== "hang" && this.#random.chance(0.3)) return;
      if (mayLeave && this.#random.chance(0.9)) this.#release(attempt);
      else this.#fail(attempt, "stopped", true, undefined);
    });
  }

  async close(): Promise<void> {
    this.wasClosed = true;
    const { world, process } = this.#home;
    await new Promise<void>((resolve) => world.time.after(this.#random.delayMs(10), resolve, process));
    if (!strikes(world, this.#random, "agent-unkillable", world.swarm.agentUnkillable)) this.die();
  }

  /** Everything on it is gone at once, and nobody is told. */
  die(): void {
    this.#isDead = true;
    for (const attempt of this.#attempts.values()) this.#end(attempt);
  }

  #finish(attempt: Attempt): void {
    const { ending } = attempt.script;
    switch (ending.kind) {
      case "hang":
        if (!this.#home.world.faulty) this.#fail(attempt, "gave_up", true, undefined);
        return;
      case "succeed":
        return this.#succeed(attempt, ending.oversized);
      case "fail":
        return this.#fail(attempt, "handler_error", ending.retryable, ending.retryAfterMs);
      case "release":
        return this.#release(attempt);
      case "park": {
        const checkpoint = ending.checkpoint ? this.#checkpoint(attempt) : undefined;
        return this.#report(attempt, "park", undefined, () => attempt.reporter.park(ending.until, checkpoint, this.#usage(attempt)));
      }
    }
  }

  #succeed(attempt: Attempt, oversized: boolean): void {
    const { world } = this.#home;
    const result = JSON.stringify(oversized ? "x".repeat(PAYLOAD_BYTES + 1) : { by: attempt.token });
    const usage = this.#usage(attempt);
    this.#report(attempt, oversized ? "fail" : "succeed", result, () => attempt.reporter.succeed(result, usage));
    if (!strikes(world, attempt.random, "report-contradicted", world.swarm.reportContradicted)) return;
    this.#report(attempt, "fail", undefined, () => attempt.reporter.fail({ code: "contradiction", error: "null", retryable: true }, usage));
  }

  #fail(attempt: Attempt, code: string, retryable: boolean, retryAfterMs: number | undefined): void {
    const error = JSON.stringify({ code, message: attempt.token });
    const failure = { code, error, retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    this.#report(attempt, "fail", undefined, () => attempt.reporter.fail(failure, this.#usage(attempt)));
  }

  #release(attempt: Attempt): void {
    const checkpoint = attempt.random.chance(0.7) ? this.#checkpoint(attempt) : undefined;
    this.#report(attempt, "release", undefined, () => attempt.reporter.release(checkpoint, this.#usage(attempt)));
  }

  /** The attempt is over; what it says of that may get lost on the way, come late or come twice. */
  #report(attempt: Attempt, kind: string, result: string | undefined, send: () => void): void {
    const { world, process } = this.#home;
    const { swarm } = world;
    const { random } = attempt;
    this.#end(attempt);
    const sendIn = (delayMs: number): void =>
      void world.time.after(delayMs, () => {
        world.log.add(`report ${kind} ${attempt.token}`);
        world.checker.executions.said(attempt.token, kind, result);
        send();
      }, process);
    if (strikes(world, random, "report-lost", swarm.reportLost)) return;
    sendIn(strikes(world, random, "report-late", swarm.reportLate) ? random.between(1, 60) * 500 : random.delayMs(2));
    if (strikes(world, random, "report-doubled", swarm.reportDoubled)) sendIn(random.delayMs(random.chance(0.5) ? 2 : 5_000));
  }

  async #saveCheckpoint(attempt: Attempt): Promise<void> {
    const { world, life } = this.#home;
    const checkpoint = this.#checkpoint(attempt);
    const { n } = JSON.parse(checkpoint) as { n: number };
    const saved = attempt.reporter.checkpoint(checkpoint);
    world.checker.called(life, `checkpoint of ${attempt.token}`, saved);
    try {
      await saved;
      world.log.add(`checkpoint ${n} of ${attempt.token} acknowledged`);
      world.checker.checkpointAcked(attempt.start.id, n);
    } catch (error) {
      world.log.add(`checkpoint ${n} of ${attempt.token} refused: ${(error as Error).message}`);
    }
  }

  async #submitChildren(attempt: Attempt): Promise<void> {
    const { world, life } = this.#home;
    const { depth } = JSON.parse(attempt.start.input) as Work;
    const { id } = attempt.start;
    for (let index = 0; index < attempt.script.children; index++) {
      const work: Work = { depth: depth - 1, mayPark: false, mayBeOversized: false };
      // The key makes a later attempt find the child of an earlier one.
      const submitted = attempt.reporter.submit({ type: attempt.random.pick(this.spec.types), input: JSON.stringify(work), options: { key: `child ${index} of ${id}` } });
      world.checker.called(life, `child of ${attempt.token}`, submitted);
      try {
        const child = await submitted;
        world.log.add(`child ${child} of ${attempt.token}`);
        world.checker.childSubmitted(child, id);
      } catch (error) {
        world.log.add(`child of ${attempt.token} refused: ${(error as Error).message}`);
        break;
      }
    }
    this.#in(attempt, attempt.script.serviceMs / 2, () => this.#finish(attempt));
  }

  #checkpoint(attempt: Attempt): string {
    const { world } = this.#home;
    world.checkpoints += 1;
    return JSON.stringify({ n: world.checkpoints, by: attempt.token });
  }

  #usage({ startedAt }: Attempt): Usage {
    return { startedAt, cpuMs: 1, peakMemoryBytes: 0, cost: 0 };
  }

  #end(attempt: Attempt): void {
    attempt.isOver = true;
    this.#home.world.checker.executions.end(attempt.token);
  }

  /** Later, unless the attempt is over by then; an agent that stalls does everything later. */
  #in(attempt: Attempt, delayMs: number, run: () => void): void {
    const { world, process } = this.#home;
    if (strikes(world, this.#random, "agent-stall", world.swarm.agentStall / 4)) this.#stalledUntil = world.time.now + this.#random.between(1, 20) * 1_000;
    world.time.after(Math.max(delayMs, this.#stalledUntil - world.time.now), () => {
      if (!attempt.isOver) run();
    }, process);
  }
}

/** The engine calls a report stale; nothing came of it. */
export function noteStale(world: World, id: TaskId, attempt: number, report: string): void {
  hit(world, "report-stale");
  world.log.add(`stale ${report} of ${tokenOf(id, attempt)}`);
}
