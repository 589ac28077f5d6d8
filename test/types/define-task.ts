// Compile-time checks: types flow from a definition to its handler, to what `submit` takes and to what `result()` gives. The type
// checker is the test; nothing here runs.
import { z } from "zod";
import { defineTask, type InputOf, type ResultOf, type TaskContext, type TaskDefinition } from "../../src/app/index.ts";

export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export function expectType<_Check extends true>(): void {}

const schema = z.object({ url: z.url(), width: z.number().default(100) });

export const checked = defineTask({
  type: "checked",
  input: schema,
  handler: async (input, context) => {
    expectType<Same<typeof input, { url: string; width: number }>>();
    expectType<Same<typeof context, TaskContext>>();
    return { bytes: input.width, at: new Date(0) };
  },
});
expectType<Same<InputOf<typeof checked>, { url: string; width?: number | undefined }>>();
// A date passes through JSON.
expectType<Same<ResultOf<typeof checked>, { bytes: number; at: string }>>();

export const annotated = defineTask({ type: "annotated", handler: (input: { n: number }) => input.n * 2 });
expectType<Same<InputOf<typeof annotated>, { n: number }>>();
expectType<Same<ResultOf<typeof annotated>, number>>();

export const silent = defineTask({ type: "silent", handler: async () => {} });
expectType<Same<InputOf<typeof silent>, undefined>>();
expectType<Same<ResultOf<typeof silent>, null>>();

export const parking = defineTask({
  type: "parking",
  handler: (input: string, { park, wake }) => (wake === undefined ? park({ for: "answer" }) : { said: input }),
});
expectType<Same<ResultOf<typeof parking>, { said: string }>>();

export const output = defineTask({
  type: "output",
  output: z.object({ size: z.number() }),
  handler: () => ({ size: 1 }),
});
expectType<Same<ResultOf<typeof output>, { size: number }>>();

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
    expectType<Same<typeof inputs, readonly { id: number }[]>>();
    expectType<Same<typeof contexts, readonly TaskContext[]>>();
    return inputs.map((input) => (input.id < 0 ? new Error("negative") : { twice: input.id * 2 }));
  },
});
expectType<Same<InputOf<typeof batched>, { id: number }>>();
expectType<Same<ResultOf<typeof batched>, { twice: number }>>();

export const lazy = defineTask({ type: "lazy", lazy: () => Promise.resolve({ default: (input: { a: string }) => input.a.length }) });
expectType<Same<InputOf<typeof lazy>, { a: string }>>();
expectType<Same<ResultOf<typeof lazy>, number>>();

export const threaded = defineTask<{ n: number }, bigint[]>({ type: "threaded", runIn: "thread", module: "./primes.ts" });
expectType<Same<InputOf<typeof threaded>, { n: number }>>();

export const threadedChecked = defineTask({ type: "threaded", input: schema, output: z.number(), runIn: "process", module: "./primes.ts" });
expectType<Same<ResultOf<typeof threadedChecked>, number>>();

const all: readonly TaskDefinition[] = [checked, annotated, silent, batched, lazy, threaded];
void all;

// @ts-expect-error a handler, and a module for another thread
defineTask({ type: "both", handler: () => 1, runIn: "thread", module: "./x.ts" });
// @ts-expect-error no such priority
defineTask({ type: "odd", priority: "urgent", handler: () => 1 });

export const optional = defineTask({ type: "optional", handler: (input?: { n: number }) => input?.n ?? 0 });
expectType<Same<InputOf<typeof optional>, { n: number } | undefined>>();

export const lazyNamed = defineTask({ type: "lazy", lazy: async () => ({ handler: (input: number) => `${input}` }) });
expectType<Same<InputOf<typeof lazyNamed>, number>>();
expectType<Same<ResultOf<typeof lazyNamed>, string>>();
