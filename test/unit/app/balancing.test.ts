// What agents say of themselves is checked where it comes in, and the balancer and the distances are kept over a restart.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createFunctionAgent, defineTask, open, type FunctionAgentOptions } from "../../../src/app/index.ts";
import { systemClock } from "../../../src/engine/clock.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { defaultSpec } from "../../../src/engine/default-spec.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const agent = (name: string, part: Partial<FunctionAgentOptions> = {}) => createFunctionAgent({ name, slots: 20, handlers: { work: { handler: () => name } }, ...part });
const work = defineTask<undefined, string>({ type: "work" });

test("speed, weight, region and price of an agent are checked, also of one that the caller made", async () => {
  const wrong: readonly (readonly [part: object, message: RegExp])[] = [
    [{ speed: 0 }, /speed of the agent "a" must be a number greater than 0, not 0/],
    [{ speed: NaN }, /not NaN/],
    [{ speed: Infinity }, /not Infinity/],
    [{ speeds: { work: -1 } }, /speeds\.work of the agent "a" must be a number greater than 0, not -1/],
    [{ speeds: 2 }, /speeds of the agent "a" must be an object/],
    [{ weight: 0 }, /weight of the agent "a" must be a number greater than 0, not 0/],
    [{ weight: "3" }, /not "3"/],
    [{ region: "" }, /region of the agent "a" must be a text that is not empty/],
    [{ costPerHour: -0.5 }, /costPerHour of the agent "a" must be a number of at least 0, not -0.5/],
  ];
  await using app = await open({ path: ":memory:", tasks: [work], agents: [agent("first")] });
  const good = agent("a");
  for (const [part, message] of wrong) {
    assert.throws(() => agent("a", part), { code: "invalid_option", message });
    const own = { spec: { ...good.spec, ...part }, start: good.start.bind(good), stop: good.stop.bind(good), close: () => good.close() };
    await assert.rejects(app.addAgent(own), { code: "invalid_option", message });
  }
  await app.addAgent(agent("fine", { speed: 2, speeds: { work: 3 }, weight: 0.5, region: "eu", costPerHour: 0 }));
  const { agents } = await app.stats();
  assert.deepEqual(agents.map(({ name, speed, weight, region, costPerHour }) => [name, speed, weight, region, costPerHour]), [["first", 1, 1, undefined, 0], ["fine", 2, 0.5, "eu", 0]]);
});

test("the balancer is kept over a restart, and works", async (t) => {
  const folder = temporaryFolder(t);
  const options = () => ({ path: join(folder, "a.db"), tasks: [work], agents: [agent("large", { weight: 3 }), agent("small", { weight: 1 })] });
  {
    await using app = await open(options());
    assert.equal((await app.stats()).balancer, "round-robin");
    await app.setBalancer("weighted");
    await assert.rejects(app.setBalancer("weighted:d=1"), { code: "balancer_unknown", message: /it has none/ });
  }
  await using app = await open(options());
  assert.equal((await app.stats()).balancer, "weighted");
  const handles = await app.submitMany(work, new Array<undefined>(8).fill(undefined));
  const names = await Promise.all(handles.map((handle) => handle.result()));
  assert.equal(names.filter((name) => name === "large").length, 6);
});

test("distances are checked, kept over a restart, and decide where a task goes", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "a.db");
  {
    await using app = await open({ path, tasks: [work], agents: [agent("any")] });
    await app.setBalancer("nearest");
    await app.setDistances({ eu: { us: 90, asia: 40 } });
    await assert.rejects(app.setDistances({ eu: { us: -1 } }), { code: "invalid_option", message: /distances\.eu\.us must be a number of at least 0, not -1/ });
    await assert.rejects(app.setDistances({ eu: 3 as never }), { code: "invalid_option", message: /distances\.eu must be an object, not 3/ });
  }
  const engine = await createEngine({ store: createSqliteStore({ path }), clock: systemClock });
  try {
    for (const region of ["us", "asia"]) await engine.addAgent(agent(region, { region }));
    const { ids } = await engine.submit({ tasks: [1, 2, 3].map(() => ({ spec: defaultSpec("work"), input: "null", region: "eu" })) });
    const outcomes = await Promise.all(ids.map((id) => engine.settled(id)));
    assert.deepEqual(outcomes.map(({ result }) => result), ['"asia"', '"asia"', '"asia"']);
  } finally {
    await engine.close("now");
  }
});
