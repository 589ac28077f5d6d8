// Fair share: tenants get service by weight, exactly, with any policy inside.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { NewTask } from "../../../src/core/event.ts";
import { agentJoin } from "../../../src/core/step/agents.ts";
import { dispatch } from "../../../src/core/step/dispatch.ts";
import { fairShare } from "../../../src/core/step/queues.ts";
import { reportEnd } from "../../../src/core/step/reports.ts";
import { drawConsequences } from "../../../src/core/step/settle.ts";
import { submit } from "../../../src/core/step/submit.ts";
import { World } from "../../../src/core/world.ts";
import { Scene, codeOf, task } from "../../support/core-scene.ts";

function shared(weights: Readonly<Record<string, number>>, policy = "fcfs", slots = 1): Scene {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy }, { kind: "fair-share", queue: "default", weights });
  scene.agent(slots);
  return scene;
}

/** The next `count` starts on one slot, by tenant, each served for as long as its estimate says. */
function serve(scene: Scene, count: number): string[] {
  const tenants: string[] = [];
  for (let n = 0; n < count; n++) {
    const [id] = scene.running();
    const { extra } = scene.scheduler.task(id!)!;
    tenants.push(extra?.tenant ?? "");
    scene.now += extra?.estimateMs ?? 0;
    scene.succeed(id!);
  }
  return tenants;
}

describe("fair share", () => {
  test("a tenant with ten times the tasks gets no more than its share", () => {
    const scene = shared({});
    scene.submit(...Array.from({ length: 100 }, () => task({ tenant: "many", estimateMs: 10 })), ...Array.from({ length: 10 }, () => task({ tenant: "few", estimateMs: 10 })));
    const tenants = serve(scene, 20);
    assert.ok(Math.abs(tenants.filter((tenant) => tenant === "few").length - 10) <= 1, tenants.join(" "));
  });

  test("equal tasks: no tenant is ever a whole task away from its share", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 }), (weights) => {
        const scene = shared(Object.fromEntries(weights.map((weight, tenant) => [`t${tenant}`, weight])));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const count = 3 * total;
        // The first start comes with the first submission, so all of a round are submitted at once.
        scene.submit(...weights.flatMap((_, tenant) => Array.from({ length: count }, () => task({ tenant: `t${tenant}`, estimateMs: 10 }))));
        const got = weights.map(() => 0);
        serve(scene, count).forEach((tenant, index) => {
          got[Number(tenant.slice(1))]! += 1;
          got.forEach((started, one) => {
            const due = ((index + 1) * weights[one]!) / total;
            assert.ok(Math.abs(started - due) < 1, `after ${index + 1} starts tenant ${one} of weights ${weights.join(", ")} has ${started}, due ${due}`);
          });
        });
      }),
      { numRuns: 60 },
    );
  });

  test("unequal tasks: service by weight, to within the longest task of each", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 40, maxLength: 40 }), (sizes) => {
        const scene = shared({ a: 3, b: 1 });
        scene.submit(...sizes.flatMap((estimateMs) => [task({ tenant: "a", estimateMs }), task({ tenant: "b", estimateMs: 51 - estimateMs })]));
        const served = { a: 0, b: 0 };
        for (let n = 0; n < 30; n++) {
          const [id] = scene.running();
          const { tenant, estimateMs } = scene.scheduler.task(id!)!.extra!;
          served[tenant as "a" | "b"] += estimateMs!;
          scene.now += estimateMs!;
          scene.succeed(id!);
          assert.ok(Math.abs(served.a / 3 - served.b) <= 50 / 3 + 50, `a ${served.a}, b ${served.b}`);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("what a task took counts, not what was expected of it", () => {
    const scene = shared({});
    const liar = Array.from({ length: 30 }, () => task({ tenant: "liar", estimateMs: 1 }));
    const honest = Array.from({ length: 30 }, () => task({ tenant: "honest", estimateMs: 100 }));
    scene.submit(...liar, ...honest);
    const served: Record<string, number> = { liar: 0, honest: 0 };
    for (let n = 0; n < 20; n++) {
      const [id] = scene.running();
      scene.now += 100;
      served[scene.scheduler.task(id!)!.extra!.tenant!]! += 100;
      scene.succeed(id!);
    }
    assert.ok(Math.abs(served["liar"]! - served["honest"]!) <= 200, JSON.stringify(served));
  });

  test("a tenant that comes later gets its share however wrong the estimates of the others were", () => {
    for (const estimateMs of [100, 1_000, 10_000]) {
      const scene = shared({ a: 1, b: 1 });
      const many = (tenant: string, count: number): NewTask[] => Array.from({ length: count }, () => task({ tenant, estimateMs }));
      scene.submit(...many("a", 80), ...many("b", 80));
      const serveReally = (count: number): string[] =>
        Array.from({ length: count }, () => {
          const [id] = scene.running();
          const { extra } = scene.scheduler.task(id!)!;
          scene.now += 1_000;
          scene.succeed(id!);
          return extra?.tenant ?? "";
        });
      serveReally(40);
      scene.submit(...many("c", 80));
      const ofLate = serveReally(60).filter((tenant) => tenant === "c").length;
      assert.ok(Math.abs(ofLate - 20) <= 4, `${ofLate} of 60 with estimates of ${estimateMs} ms`);
    }
  });

  test("a slice is charged as a slice", () => {
    const scene = shared({}, "round-robin:slice=1s");
    const two = (tenant: string): NewTask[] => [1, 2].map(() => task({ tenant, estimateMs: 600_000, preemptible: true }));
    const served = new Map<string, number>();
    const run = (until: number): void => {
      while (scene.now < until) {
        const [id] = scene.running();
        const tenant = scene.scheduler.task(id!)!.extra!.tenant!;
        const next = Math.min(until, scene.turn.wakeAt ?? Infinity);
        served.set(tenant, (served.get(tenant) ?? 0) + next - scene.now);
        scene.now = next;
        scene.act();
        if (scene.stopped.length > 0) scene.release(id!, "null");
      }
    };
    scene.submit(...two("a"), ...two("b"));
    run(61_000);
    scene.submit(...two("c"));
    served.clear();
    run(scene.now + 60_000);
    for (const tenant of ["a", "b", "c"]) assert.ok(Math.abs((served.get(tenant) ?? 0) - 20_000) <= 2_000, `${tenant} got ${served.get(tenant)}`);
  });

  test("weights that are set again begin new accounts: what was charged before is not settled in them", () => {
    const scene = shared({ a: 1, b: 1 }, "fcfs", 2);
    const [first, second] = scene.submit(task({ tenant: "a", estimateMs: 3_600_000 }), task({ tenant: "b", estimateMs: 3_600_000 }));
    scene.submit(...["a", "b"].flatMap((tenant) => Array.from({ length: 60 }, () => task({ tenant, estimateMs: 1_000 }))));
    scene.now += 1_000;
    scene.succeed(second!);
    scene.act({ kind: "fair-share", queue: "default", weights: { a: 1, b: 1 } });
    scene.succeed(first!);
    let ofA = 0;
    for (let round = 0; round < 20; round++) {
      scene.now += 1_000;
      for (const id of scene.running()) {
        if (scene.scheduler.task(id)!.extra?.tenant === "a") ofA += 1;
        scene.succeed(id);
      }
    }
    assert.ok(Math.abs(ofA - 20) <= 2, `${ofA} of 40`);
  });

  test("estimates beyond all measure harm nobody", () => {
    const scene = shared({ a: 0.5 });
    const [huge] = scene.submit(task({ tenant: "a", estimateMs: 1e308 }));
    scene.submit(task({ tenant: "b" }));
    scene.now += 1_000;
    scene.succeed(huge!);
    assert.equal(scene.running().length, 1);
  });

  test("inside a tenant the policy decides; one that was idle gets no credit for it", () => {
    const scene = shared({}, "priority:aging=off");
    const ids = scene.submit(task({ tenant: "a", priority: 3 }), task({ tenant: "a", priority: 4 }), task({ tenant: "a", priority: 1 }));
    scene.succeed(ids[0]!);
    assert.deepEqual(scene.running(), [ids[2]]);
    const idle = shared({});
    idle.submit(...Array.from({ length: 30 }, () => task({ tenant: "a", estimateMs: 10 })));
    serve(idle, 10);
    idle.submit(...Array.from({ length: 10 }, () => task({ tenant: "late", estimateMs: 10 })));
    const tenants = serve(idle, 11).slice(1);
    assert.ok(Math.abs(tenants.filter((tenant) => tenant === "late").length - 5) <= 1, tenants.join(" "));
  });

  test("a tenant that cannot start leaves its turn to others, and it can be switched off", () => {
    const scene = shared({});
    scene.submit(task({ tenant: "a", type: "nobody" }), task({ tenant: "b" }));
    assert.equal(scene.running().length, 1);
    scene.act({ kind: "fair-share", queue: "default", weights: null });
    const [, second] = scene.submit(task({ tenant: "b" }), task({ tenant: "a" }));
    assert.equal(scene.scheduler.task(second!)!.state, "queued");
    assert.equal(codeOf(scene.act({ kind: "fair-share", queue: "default", weights: { a: 0 } }).replies[0]), "weight_invalid");
  });
});

test("tenants that are gone are forgotten, and one that comes back before has what it had ahead of its share", () => {
  const world = new World({ seed: 1, stopGraceMs: 100, lastTaskId: 0, lastFlowId: 0 });
  fairShare(world, { kind: "fair-share", queue: "default", weights: {} });
  agentJoin(world, { name: "agent", kind: "function", types: ["work"], slots: 1 }, undefined);
  const queue = world.queue("default");
  const serve = (tenant: string, estimateMs: number): void => {
    submit(world, { kind: "submit", tasks: [task({ tenant, estimateMs })] });
    dispatch(world);
    world.now += estimateMs;
    for (const agent of world.fleet.all()) for (const { task: { id }, number: attempt } of agent.attempts) reportEnd(world, { kind: "succeed", id, attempt, result: "null", usage: { startedAt: 0, cpuMs: 0, peakMemoryBytes: 0, cost: 0 } });
    drawConsequences(world);
    world.turn.take(undefined, [], []);
  };
  for (let tenant = 0; tenant < 500; tenant++) serve(`tenant ${tenant}`, 1 + (tenant % 7));
  dispatch(world);
  assert.ok(queue.groups.size < 5, `${queue.groups.size} are known`);
  assert.equal(world.fleet.hasRoom, true);
});

test("tenants of a queue whose sharing is switched off, or whose weights change, are forgotten too", () => {
  const scene = shared({ a: 2 });
  const [first] = scene.submit(task({ tenant: "a", estimateMs: 10 }), task({ tenant: "b", estimateMs: 10 }), task({ tenant: "c", estimateMs: 10 }));
  scene.act({ kind: "fair-share", queue: "default", weights: { a: 3 } });
  scene.succeed(first!);
  scene.act({ kind: "policy", queue: "default", policy: "sjf" });
  serve(scene, 1);
  scene.act({ kind: "fair-share", queue: "default", weights: null });
  serve(scene, 1);
  assert.deepEqual(scene.running(), []);
});
