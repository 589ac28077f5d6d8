// Handlers for the suite that all kinds of agents must pass: loaded by threads and processes, called by the function agent.
import type { TaskContext } from "../../src/engine/context.ts";
import { NonRetryableError, RetryAfterError, StoppedError } from "../../src/engine/handler-errors.ts";

/** How often this module was loaded in this thread, and how often a handler of it ran. */
let calls = 0;
const held: Buffer[] = [];

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
}

export const tasks = {
  echo: (input: unknown) => input,
  nothing: () => undefined,
  fail: (input: { readonly message: string }) => {
    throw new TypeError(input.message);
  },
  "retry-after": async () => {
    throw new RetryAfterError(1234, "too many requests");
  },
  "non-retryable": async () => {
    throw new NonRetryableError("never again");
  },
  hints: async () => {
    throw Object.assign(new Error("hinted"), { retryable: false, retryAfterMs: 7, code: "EHINT" });
  },
  "throw-text": () => {
    // What is thrown need not be an error.
    throw "only words" as unknown as Error;
  },
  bigint: () => ({ rows: [{ count: 1n }] }),
  circle: () => {
    const value: Record<string, unknown> = { name: "a" };
    value["self"] = { again: value };
    return value;
  },
  "function": () => ({ deep: { call: () => 1 } }),
  map: () => new Map([["a", 1]]),
  large: (input: { readonly length: number }) => "x".repeat(input.length),
  context: async (_input: unknown, context: TaskContext) => ({
    id: context.id,
    type: context.type,
    name: context.name,
    attempt: context.attempt,
    dueAt: context.dueAt?.toISOString(),
    restored: context.restored,
    needs: context.needs,
    named: context.needsByName.get("first"),
    wake: context.wake,
    aborted: context.signal.aborted,
  }),
  log: async (_input: unknown, { log, progress }: TaskContext) => {
    log("plain");
    log.debug("one");
    log.info("two");
    log.warn("three");
    log.error("four");
    progress(0.5, "half");
    progress(7);
  },
  checkpoint: async (input: unknown, { checkpoint, restored }: TaskContext) => {
    await checkpoint(input);
    return { restored };
  },
  "bad-checkpoint": async (_input: unknown, { checkpoint }: TaskContext) => {
    await checkpoint(1n);
  },
  children: async (_input: unknown, { submit, checkpoint, park }: TaskContext) => {
    const first = await submit("child", { n: 1 }, { priority: 2, dueAt: new Date(5) });
    const second = await submit({ type: "child" });
    await checkpoint({ added: 2 });
    const third = await submit("child", null, { key: "mine" });
    const fourth = await submit("child");
    return park({ for: "children", checkpoint: [first.id, second.id, third.id, fourth.id] });
  },
  "park-answer": (_input: unknown, { park }: TaskContext) => park({ for: "answer" }),
  "caught-refusal": async (_input: unknown, { checkpoint }: TaskContext) => {
    try {
      await checkpoint(1);
      return "saved";
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  },
  cost: (_input: unknown, { cost }: TaskContext) => {
    cost(0.25);
    cost(0.5);
  },
  "until-stopped": async (_input: unknown, { signal, log, checkpoint }: TaskContext) => {
    await checkpoint({ at: 3 });
    log("waiting");
    return stopped(signal);
  },
  "finish-when-stopped": async (_input: unknown, { signal, log }: TaskContext) => {
    log("waiting");
    return stopped(signal).catch((error: unknown) => (error instanceof StoppedError ? `stopped: ${error.reason}` : "not a StoppedError"));
  },
  heedless: async (_input: unknown, { log, checkpoint }: TaskContext) => {
    await checkpoint({ at: 1 });
    log("working");
    // Ends well within the grace time of the pools.
    for (let step = 0; step < 5; step++) await new Promise((resolve) => setImmediate(resolve));
    return "all of it";
  },
  count: () => ++calls,
  // The following are for threads and processes only.
  "never-yields": async (_input: unknown, { log, checkpoint }: TaskContext) => {
    await checkpoint({ at: 4 });
    log("spinning");
    for (;;);
  },
  exit: () => process.exit(3),
  uncaught: () =>
    new Promise(() => {
      queueMicrotask(() => {
        throw new Error("thrown beside the handler");
      });
    }),
  compute: (input: { readonly steps: number }) => {
    let x = 0;
    for (let i = 0; i < input.steps; i++) x = (x * 31 + i) % 1_000_003;
    return x;
  },
  "grow-heap": () => {
    const all: object[] = [];
    for (;;) all.push(Array.from({ length: 1_000 }, (_, i) => ({ i })));
  },
  "hold-memory": (input: { readonly megabytes: number }) => {
    held.push(Buffer.alloc(input.megabytes * 1024 ** 2, 1));
    return held.length;
  },
  print: () => {
    console.log("to stdout");
    console.error("to stderr");
    process.stdout.write("no end");
  },
};
