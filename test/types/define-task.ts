// Compile-time checks: types flow from a definition to its handler, to what `submit` takes and to what `result()` gives. The type
// checker is the test; nothing here runs.
import { z } from "zod";
import { defineTask, type InputOf, type ResultOf, type TaskContext, type TaskDefinition } from "../../src/app/index.ts";
import { expectType, type Same } from "./expect-type.ts";


const schema = z.object({ url: z.url(), width: z.number().default(100) });

export const checked = defineTask({
  type: "checked",
  input: schema,
  handler: async (input, context) => {
    expectType<Same<typeof input, { url: string; width: number }>>(true);
    expectType<Same<typeof context, TaskContext>>(true);
    return { bytes: input.width, at: new Date(0) };
  },
});
expectType<Same<InputOf<typeof checked>, { url: string; width?: number | undefined }>>(true);
// A date passes through JSON.
expectType<Same<ResultOf<typeof checked>, { bytes: number; at: string }>>(true);

export const annotated = defineTask({ type: "annotated", handler: (input: { n: number }) => input.n * 2 });
expectType<Same<InputOf<typeof annotated>, { n: number }>>(true);
expectType<Same<ResultOf<typeof annotated>, number>>(true);

export const silent = defineTask({ type: "silent", handler: async () => {} });
expectType<Same<InputOf<typeof silent>, undefined>>(true);
expectType<Same<ResultOf<typeof silent>, null>>(true);

export const parking = defineTask({
  type: "parking",
  handler: (input: string, { park, wake }) => (wake === undefined ? park({ for: "answer" }) : { said: input }),
});
expectType<Same<ResultOf<typeof parking>, { said: string }>>(true);

export const output = defineTask({
  type: "output",
  output: z.object({ size: z.number() }),
  handler: () => ({ size: 1 }),
});
expectType<Same<ResultOf<typeof output>, { size: number }>>(true);

defineTask({
  type: "output",
  output: z.object({ size: z.number() }),
  // @ts-expect-error the result must fit the schema
  handler: () => ({ size: "one" }),
});

export const batched = defineTask({
  type: "batched",
  input: z.object({ id: z.number() }),
  batch: { size: 10, waitMs: 5 },
  handler: async (inputs, contexts) => {
    expectType<Same<typeof inputs, readonly { id: number }[]>>(true);
    expectType<Same<typeof contexts, readonly TaskContext[]>>(true);
    return inputs.map((input) => (input.id < 0 ? new Error("negative") : { twice: input.id * 2 }));
  },
});
expectType<Same<InputOf<typeof batched>, { id: number }>>(true);
expectType<Same<ResultOf<typeof batched>, { twice: number }>>(true);

export const lazy = defineTask({ type: "lazy", lazy: () => Promise.resolve({ default: (input: { a: string }) => input.a.length }) });
expectType<Same<InputOf<typeof lazy>, { a: string }>>(true);
expectType<Same<ResultOf<typeof lazy>, number>>(true);

export const threaded = defineTask<{ n: number }, bigint[]>({ type: "threaded", runIn: "thread", module: "./primes.ts" });
expectType<Same<InputOf<typeof threaded>, { n: number }>>(true);

export const threadedChecked = defineTask({ type: "threaded", input: schema, output: z.number(), runIn: "process", module: "./primes.ts" });
expectType<Same<ResultOf<typeof threadedChecked>, number>>(true);

const all: readonly TaskDefinition[] = [checked, annotated, silent, batched, lazy, threaded];
void all;

// @ts-expect-error a handler, and a module for another thread
defineTask({ type: "both", handler: () => 1, runIn: "thread", module: "./x.ts" });
// @ts-expect-error no such priority
defineTask({ type: "odd", priority: "urgent", handler: () => 1 });

export const optional = defineTask({ type: "optional", handler: (input?: { n: number }) => input?.n ?? 0 });
expectType<Same<InputOf<typeof optional>, { n: number } | undefined>>(true);

export const lazyNamed = defineTask({ type: "lazy", lazy: async () => ({ handler: (input: number) => `${input}` }) });
expectType<Same<InputOf<typeof lazyNamed>, number>>(true);
expectType<Same<ResultOf<typeof lazyNamed>, string>>(true);

// A size is told from what the handler takes.
export const sized = defineTask({
  type: "sized",
  handler: (input: { text: string }) => input.text,
  size: (input) => {
    expectType<Same<typeof input, { text: string }>>(true);
    return input.text.length;
  },
});
expectType<Same<InputOf<typeof sized>, { text: string }>>(true);

export const sizedByOutput = defineTask({
  type: "sized-by-output",
  input: schema,
  handler: (input) => input.url,
  size: (input) => {
    expectType<Same<typeof input, { url: string; width: number }>>(true);
    return input.width;
  },
  preemptible: true,
  tenant: "acme",
});
expectType<Same<ResultOf<typeof sizedByOutput>, string>>(true);

export const sizedBatch = defineTask({ type: "sized-batch", batch: { size: 2 }, handler: (inputs: readonly string[]) => inputs.map((one) => one.length), size: (input) => input.length });
expectType<Same<InputOf<typeof sizedBatch>, string>>(true);

export const sizedElsewhere = defineTask<{ n: number }, number>({ type: "sized-elsewhere", runIn: "thread", module: "./primes.ts", size: ({ n }) => n, weight: 2, region: "eu" });
expectType<Same<InputOf<typeof sizedElsewhere>, { n: number }>>(true);

export const sizedForAll = defineTask({ type: "sized-for-all", handler: (input: string) => input, size: 7 });
const withSizes: readonly TaskDefinition[] = [sized, sizedByOutput, sizedBatch, sizedElsewhere, sizedForAll];
void withSizes;

// @ts-expect-error the input has no such member
defineTask({ type: "odd-size", input: schema, size: (input) => input.length, handler: () => 1 });
// @ts-expect-error a size is a number
defineTask({ type: "odd-size", handler: () => 1, size: "large" });
