/**
 * A store file as a run leaves it, made by the real engine: a flow of commands and functions with tasks in every state that a
 * person meets. The command line's tests read it.
 */
import { systemClock } from "../../src/engine/clock.ts";
import { createCommandAgent } from "../../src/engine/agents/command-agent.ts";
import { createFunctionAgent } from "../../src/engine/agents/function-agent.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { TaskContext } from "../../src/engine/context.ts";
import type { Engine, SpecSettings, SubmitTask } from "../../src/engine/types.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

const settings = (type: string, more: Partial<SpecSettings> = {}): SpecSettings => ({
  type,
  queue: "default",
  priority: 3,
  retry: { limit: 1, backoff: "fixed", delayMs: 1, maxDelayMs: 1, jitter: 0, lossLimit: 3 },
  onDependencyFailure: "skip",
  ...more,
});

const shell = (name: string, script: string, more: Partial<SubmitTask> = {}): SubmitTask => ({
  spec: settings("command"),
  name,
  input: JSON.stringify({ shell: script, cwd: "." }),
  ...more,
});

const call = (type: string, name: string, input: unknown, more: Partial<SubmitTask> = {}): SubmitTask => ({
  spec: settings(type),
  name,
  input: JSON.stringify(input),
  ...more,
});

/** An engine on the file at `path` with agents for the sample's tasks. */
export async function openSampleEngine(path: string): Promise<Engine> {
  const engine = await createEngine({ store: createSqliteStore({ path, synchronous: "normal" }), clock: systemClock, limits: { requestEveryMs: 20 } });
  await engine.addAgent(createCommandAgent({ name: "shell", slots: 2, costPerHour: 3.6 }));
  await engine.addAgent(
    createFunctionAgent({
      name: "node",
      slots: 3,
      handlers: {
        double: { handler: ({ n }: { n: number }) => ({ n: n * 2 }) },
        ask: { handler: (_: unknown, { park, wake }: TaskContext) => (wake === undefined ? park({ for: "answer" }) : { answered: true }) },
        family: {
          handler: async (_: unknown, { submit, park, wake, log }: TaskContext) => {
            if (wake !== undefined) return "all done";
            log("adding two children");
            await submit("double", { n: 1 }, { name: "child one" });
            await submit("double", { n: 2 }, { name: "child two" });
            return park({ for: "children" });
          },
        },
        hang: { handler: (_: unknown, { signal, log }: TaskContext) => (log.warn("hanging"), new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)))) },
      },
    }),
  );
  return engine;
}

/** Ids of the tasks by their names. */
export type SampleIds = Readonly<Record<(typeof NAMES)[number], number>>;

const NAMES = ["list", "measure", "broken", "report", "later", "approve", "family", "retyped", "lonely"] as const;

/** Submits the sample's tasks and waits until none can go on. */
export async function submitSample(engine: Engine): Promise<SampleIds> {
  const flow = await engine.submit({
    flow: { name: "build" },
    tasks: [
      shell("list", "echo '{\"files\":3}'; echo 'looking around' >&2"),
      shell("measure", "echo one >&2; echo two >&2; echo 42", { needs: [{ kind: "new", index: 0 }] }),
      shell("broken", "echo 'cannot find it' >&2; exit 3", { needs: [{ kind: "new", index: 0 }], dueAt: Date.now() + 60_000 }),
      shell("report", "true", { needs: [{ kind: "new", index: 1 }, { kind: "new", index: 2 }] }),
    ],
  });
  const rest = await engine.submit({
    tasks: [
      call("double", "later", { n: 5 }, { releaseAt: Date.now() + 3_600_000 }),
      call("ask", "approve", {}),
      call("family", "family", {}),
      call("double", "retyped", { n: 7 }, {
        spec: settings("double", { priority: 1, queue: "urgent", preemptible: true }), key: "retyped-7",
        tenant: "acme", session: "chat-42", weight: 2.5, size: 7, region: "eu",
      }),
      call("nobody", "lonely", { text: "a\u001b[31mred\u001b[0m name", lines: Array.from({ length: 500 }, (_, line) => line) }, { tenant: "beta" }),
    ],
  });
  const ids = [...flow.ids, ...rest.ids];
  await Promise.all([...flow.ids, rest.ids[2]!, rest.ids[3]!].map((id) => engine.settled(id)));
  return Object.fromEntries(NAMES.map((name, index) => [name, ids[index]!])) as SampleIds;
}

/** Makes the file at `path` and closes it. */
export async function makeSampleFile(path: string): Promise<SampleIds> {
  const engine = await openSampleEngine(path);
  const ids = await submitSample(engine);
  await engine.close("drain");
  return ids;
}
