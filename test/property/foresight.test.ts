// Forecasts against what then happens: with estimates that are exact, equal agents and no later submissions they are the truth, to the
// last bit; and whoever asks why changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertLives, type Live } from "../support/core-lives.ts";
import { CoreRun } from "../support/core-run.ts";
import { playScene } from "../support/core-played.ts";
import { Scene, task, type TaskPart } from "../support/core-scene.ts";

const POLICIES = ["fcfs", "sjf", "sjf:aging=off", "edf", "least-slack", "priority", "wspt", "critical-path"];

interface Workload {
  readonly policy: string;
  readonly agents: readonly number[];
  readonly tasks: readonly TaskPart[];
  readonly shared: boolean;
  readonly typeLimit: number | undefined;
}

function taskPart(types: readonly string[]): fc.Arbitrary<TaskPart & { readonly needs: readonly number[] }> {
  return fc
    .record({
      type: fc.constantFrom(...types),
      estimateMs: fc.integer({ min: 1, max: 50 }),
      dueAt: fc.option(fc.integer({ min: 1_001, max: 3_000 }), { nil: undefined }),
      releaseAt: fc.option(fc.integer({ min: 1_000, max: 1_200 }), { nil: undefined }),
      priority: fc.integer({ min: 1, max: 4 }),
      weight: fc.integer({ min: 1, max: 5 }),
      tenant: fc.constantFrom("red", "green"),
      limitKey: fc.option(fc.constantFrom("one", "two"), { nil: undefined }),
      needs: fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 2 }),
    })
    .map(({ dueAt, releaseAt, limitKey, needs, ...rest }) => ({
      ...rest,
      needs,
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(releaseAt === undefined ? {} : { releaseAt }),
      ...(limitKey === undefined ? {} : { limitKey, limitOfKey: limitKey === "one" ? 1 : 2 }),
    }));
}

function workload(parts: { readonly limits: boolean; readonly flows: boolean; readonly types: readonly string[] }): fc.Arbitrary<Workload> {
  return fc
    .record({
      policy: fc.constantFrom(...POLICIES),
      agents: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      tasks: fc.array(taskPart(parts.types), { minLength: 1, maxLength: 40 }),
      shared: fc.boolean(),
      typeLimit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    })
    .map(({ tasks, typeLimit, ...rest }) => ({
      ...rest,
      typeLimit: parts.limits ? typeLimit : undefined,
      tasks: tasks.map(({ limitKey, limitOfKey, needs, ...part }, index) => ({
        ...part,
        ...(parts.limits && limitKey !== undefined ? { limitKey, limitOfKey: limitOfKey ?? 1 } : {}),
        ...(parts.flows && index > 0 && needs.length > 0 ? { needs: [...new Set(needs.map((need) => need % index))] } : {}),
      })),
    }));
}

function sceneOf({ policy, agents, shared, typeLimit }: Workload, types: readonly string[]): Scene {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy }, { kind: "fair-share", queue: "default", weights: shared ? { red: 2 } : null });
  if (typeLimit !== undefined) scene.act({ kind: "type-limit", type: types[0]!, limit: typeLimit });
  agents.forEach((slots, index) => scene.agent(slots, types, { name: `agent ${index}` }));
  return scene;
}

function assertExact(load: Workload, types: readonly string[]): void {
  const scene = sceneOf(load, types);
  const ids = scene.submit(...load.tasks.map((part) => task(part)));
  const forecasts = ids.map((id) => scene.scheduler.why(id)!.forecast!);
  const { startedAt, endedAt } = playScene(scene, ids);
  ids.forEach((id, index) => {
    assert.equal(forecasts[index]?.startAt, startedAt.get(id), `start of task ${id}`);
    assert.equal(forecasts[index]?.finishAt, endedAt.get(id), `end of task ${id}`);
  });
}

test("static work, equal agents, exact estimates: forecast start and end are the real ones under every policy, shared or not", () => {
  fc.assert(fc.property(workload({ limits: false, flows: false, types: ["work"] }), (load) => assertExact(load, ["work"])), { numRuns: 200 });
});

test("the same with several types, limit keys and a limit of a type", () => {
  fc.assert(fc.property(workload({ limits: true, flows: false, types: ["work", "other"] }), (load) => assertExact(load, ["work", "other"])), { numRuns: 200 });
});

test("the same with needs and release times: what is blocked or scheduled starts when it was told", () => {
  fc.assert(fc.property(workload({ limits: true, flows: true, types: ["work", "other"] }), (load) => assertExact(load, ["work", "other"])), { numRuns: 200 });
});

test("and at any later instant", () => {
  fc.assert(
    fc.property(workload({ limits: true, flows: true, types: ["work"] }), fc.nat(200), (load, passMs) => {
      const scene = sceneOf(load, ["work"]);
      const ids = scene.submit(...load.tasks.map((part) => task(part)));
      const half = ids.slice(0, Math.ceil(ids.length / 2));
      playScene(scene, passMs % 2 === 0 ? half : half.slice(0, 1));
      const open = ids.filter((id) => scene.scheduler.liveTask(id) !== undefined);
      const forecasts = new Map(open.map((id) => [id, scene.scheduler.why(id)!.forecast]));
      const { endedAt } = playScene(scene, ids);
      for (const id of open) assert.equal(forecasts.get(id)?.finishAt, endedAt.get(id), `end of task ${id}`);
    }),
    { numRuns: 150 },
  );
});

// Under critical-path a task also moves those up that it needs, which a trial leaves where they are.
const withoutPaths = workload({ limits: true, flows: true, types: ["work"] }).filter(({ policy }) => policy !== "critical-path");

test("a task on trial is refused exactly when it would be late", () => {
  fc.assert(
    fc.property(withoutPaths, fc.integer({ min: 1, max: 40 }), fc.nat(600), fc.array(fc.nat(39), { maxLength: 2 }), (load, estimateMs, dueMs, needs) => {
      const build = (): { scene: Scene; ids: readonly number[] } => {
        const scene = sceneOf(load, ["work"]);
        return { scene, ids: scene.submit(...load.tasks.map((part) => task(part))) };
      };
      const [one, other] = [build(), build()];
      const last: TaskPart = { estimateMs, dueAt: one.scene.now + dueMs, needsTasks: [...new Set(needs.map((need) => one.ids[need % one.ids.length]!))] };
      const reply = one.scene.act({ kind: "submit", tasks: [task({ ...last, ifLate: "refuse" })] }).replies[0]!;
      const [id] = other.scene.submit(task(last));
      const { endedAt } = playScene(other.scene, [id!]);
      const isLate = endedAt.get(id!)! > one.scene.now + dueMs;
      assert.equal(reply.kind === "refused" ? reply.code : reply.kind, isLate ? "cannot_make_it" : "submitted");
      if (reply.kind === "refused") assert.equal(reply.late?.[0]?.finishAt, endedAt.get(id!));
    }),
    { numRuns: 150 },
  );
});

test("asking why of tasks after every turn changes no reply, command or change", () => {
  const live: Live = (seed, crowd, steps) => {
    const [asked, unasked] = [new CoreRun(seed, crowd), new CoreRun(seed, crowd)];
    let turns = 0;
    asked.onTurn = (scheduler) => {
      for (const one of scheduler.tasks()) if ((one.id + turns) % 5 === 0) assert.equal(scheduler.why(one.id)?.id, one.id);
      turns += 1;
    };
    for (const run of [asked, unasked]) {
      run.play(steps);
      run.settleAll();
    }
    assert.deepEqual(asked.journal, unasked.journal);
  };
  assertLives(live, { numRuns: 40, mostSteps: 200 });
});
