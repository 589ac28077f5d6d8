/**
 * One seed: a whole engine with its store, agents and clients on virtual time. First a phase with faults; then one without, in
 * which every task must become final and every promise must settle within a bound.
 */
import type { Payload } from "../../src/core/event.ts";
import type { TaskId, TaskState } from "../../src/core/task.ts";
import { Checker } from "./checker.ts";
import { EventLog } from "./event-log.ts";
import { Lives, type Life, type Wrappers } from "./lives.ts";
import { scheduleFaults } from "./nemesis.ts";
import { Random } from "./random.ts";
import { drawSwarm, noFaults, type FaultCounts } from "./swarm.ts";
import { agentSpecs, QUEUES, TYPES, unitsOf } from "./tasks.ts";
import { START, VirtualTime } from "./virtual-clock.ts";
import { Workload } from "./workload.ts";
import type { World } from "./world.ts";

export interface RunOptions {
  readonly seed: number;
  readonly wrappers?: Wrappers;
  /** How many of the last lines of the log are kept; default 60. */
  readonly keepLines?: number;
}

export interface RunResult {
  readonly seed: number;
  /** Broken rules; none when the run was good. */
  readonly broken: readonly string[];
  /** Of all that happened: the same for the same seed. */
  readonly hash: string;
  readonly hits: FaultCounts;
  readonly events: number;
  readonly executions: number;
  readonly virtualMs: number;
  /** The last lines of the log. */
  readonly tail: string;
}

/** Within this everything must be final when the faults have ended, in virtual ms. */
const LIVENESS_MS = 3_600_000;
const TASKS_AT_ONCE = 1_000;

export async function runSeed({ seed, wrappers = {}, keepLines = 60 }: RunOptions): Promise<RunResult> {
  const random = new Random(seed).fork("seed", Math.floor(seed / 4294967296));
  const time = new VirtualTime(random.fork("order"));
  const swarm = drawSwarm(random.fork("swarm"));
  const checker = new Checker({ stopGraceMs: swarm.stopGraceMs, unitsOf });
  const world: World = { seed, random, time, swarm, log: new EventLog(time, keepLines), checker, hits: noFaults(), faulty: true, checkpoints: 0 };
  const onUnhandled = (error: unknown): void => checker.fail(`unhandled rejection: ${String((error as Error | undefined)?.stack ?? error)}`);
  process.on("unhandledRejection", onUnhandled);
  try {
    await live(world, wrappers);
  } catch (error) {
    checker.fail(`exception: ${String((error as Error).stack)}`);
  }
  // Unhandled rejections are told of when the event loop turns.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", onUnhandled);
  for (const sentence of checker.broken) world.log.add(`BROKEN ${sentence}`);
  return {
    seed,
    broken: checker.broken,
    hash: world.log.digest(),
    hits: world.hits,
    events: time.fired,
    executions: checker.executions.count,
    virtualMs: time.now - START,
    tail: world.log.tail,
  };
}

async function live(world: World, wrappers: Wrappers): Promise<void> {
  const { checker, swarm, time } = world;
  const isBroken = (): boolean => checker.broken.length > 0;
  const lives = new Lives(world, wrappers);
  const workload = new Workload(world, lives);
  workload.schedule();
  scheduleFaults(world, lives);
  await time.run(START + swarm.faultPhaseMs, isBroken);
  if (isBroken()) return;

  world.faulty = false;
  world.log.add("faults end");
  // Clocks may have been set back: the engine's time goes on when they have caught up.
  const until = time.now + LIVENESS_MS + 2 * 3_600_000;
  let isReady = false;
  const ready = makeReady(world, lives, workload).then(() => (isReady = true));
  await time.run(until, () => isBroken() || (isReady && workload.isQuiet && checker.model.live().length === 0));
  if (isBroken()) return;
  if (!isReady) return checker.fail(`after the faults the engine did not get ready; still open: ${checker.openCalls.join("; ")}`);
  await ready;
  await finish(world, lives);
}

/** Whatever is out of order is put in order: an engine that is up, agents that behave, nothing paused, every question answered. */
async function makeReady(world: World, lives: Lives, workload: Workload): Promise<void> {
  await lives.endZombies();
  let life = await renew(world, lives, workload);
  // A failure from before may be heard of only now.
  while (!life.isUp) life = await renew(world, lives, workload);
  const again = (): void =>
    void world.time.after(5_000, () => {
      if (!life.isUp) return;
      void tend(lives, workload);
      again();
    });
  again();
}

async function renew(world: World, lives: Lives, workload: Workload): Promise<Life> {
  const life = await lives.up();
  for (const { name } of agentSpecs(world)) {
    if (life.agents.has(name)) await lives.leave(life, name, false);
    await lives.join(life, name);
  }
  for (const type of TYPES) await workload.typeLimit(type, null);
  await tend(lives, workload);
  // Whatever was on its way to the disk, or late in coming back, has arrived by then.
  await world.time.sleep(60_000);
  return life;
}

async function tend(lives: Lives, workload: Workload): Promise<void> {
  const life = await lives.up();
  for (const queue of [undefined, ...QUEUES]) await lives.call(life, "resume", life.engine.resume(queue));
  workload.answerAll();
}

async function finish(world: World, lives: Lives): Promise<void> {
  const { checker, time } = world;
  const life = await lives.up();
  const { engine } = life;
  let isOver = false;
  const over = (async () => {
    await lives.call(life, "idle", engine.idle());
    if (engine.liveTasks().length > 0) checker.fail(`task ${engine.liveTasks()[0]!.id} lives on in the engine`);
    for (const { row } of checker.model.tasks.values()) {
      if (checker.model.tasks.get(row.id)!.deleted) continue;
      await lives.call(life, `outcome ${row.id}`, engine.settled(row.id), (outcome) => checker.settled(row.id, outcome));
    }
    await lives.close(life, "drain");
  })().then(() => (isOver = true));
  await time.run(time.now + LIVENESS_MS, () => isOver);
  if (isOver) await over;
  const stored = new Map<TaskId, TaskState>();
  const results = new Map<TaskId, Payload | undefined>();
  const ids = [...checker.model.tasks.keys()];
  for (let from = 0; from < ids.length; from += TASKS_AT_ONCE) {
    for (const row of await lives.disk.content.taskGet(ids.slice(from, from + TASKS_AT_ONCE), true)) {
      stored.set(row.id, row.state);
      results.set(row.id, row.result);
    }
  }
  checker.end(stored, results);
}
