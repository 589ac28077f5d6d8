// Compile-time checks of an app's methods: what `submit`, `submitMany` and `submitFlow` take and give.
import { command, defineTask, type App, type FlowHandle, type TaskEnd, type TaskHandle } from "../../src/app/index.ts";
import { expectType, type Same } from "./expect-type.ts";

const resize = defineTask({ type: "resize", handler: async (input: { url: string }) => ({ bytes: input.url.length }) });
const tick = defineTask({ type: "tick", handler: () => {} });

export async function checks(app: App): Promise<void> {
  const handle = await app.submit(resize, { url: "" }, { priority: "high", dueAt: new Date(), needs: ["t1"], tenant: "acme", session: "chat-42", weight: 2, size: 10, region: "eu" });
  expectType<Same<typeof handle, TaskHandle<{ bytes: number }>>>(true);
  const result = await handle.result();
  expectType<Same<typeof result, { bytes: number }>>(true);
  const none = await (await app.submit(tick)).result();
  expectType<Same<typeof none, null>>(true);
  const many = await app.submitMany(resize, [{ url: "a" }], (input, index) => ({ key: `${input.url}${index}` }));
  expectType<Same<typeof many, TaskHandle<{ bytes: number }>[]>>(true);
  const untyped = await app.submit("resize", { anything: true });
  expectType<Same<typeof untyped, TaskHandle>>(true);
  const known = app.task(resize, "t17");
  expectType<Same<typeof known, TaskHandle<{ bytes: number }>>>(true);
  await app.submit(command, { argv: ["ls"], result: "json" });

  // @ts-expect-error the input is missing
  await app.submit(resize);
  // @ts-expect-error the input is another one
  await app.submit(resize, { uri: "" });
  // @ts-expect-error no such option
  await app.submit(resize, { url: "" }, { priorty: "high" });
  // @ts-expect-error whether it can make room is said by its definition
  await app.submit(resize, { url: "" }, { preemptible: true });
  // @ts-expect-error a size is told from an input in the definition only
  await app.submit(resize, { url: "" }, { size: () => 1 });
  // @ts-expect-error one of the inputs is another one
  await app.submitMany(resize, [{ url: "" }, { url: 1 }]);
  // @ts-expect-error neither program nor script
  await app.submit(command, { stdin: "x" });

  const flow = await app.submitFlow("flow", (add) => {
    const first = add(resize, { url: "" });
    // @ts-expect-error the input is missing
    add(resize);
    return { first, second: add(tick, undefined, { needs: [first, handle, "t3"] }) };
  });
  const first = await flow.tasks.first.result();
  expectType<Same<typeof first, { bytes: number }>>(true);
  const ends = await flow.result();
  expectType<Same<typeof ends.first, TaskEnd<{ bytes: number }>>>(true);
  expectType<Same<typeof ends.second, TaskEnd<null>>>(true);
  // @ts-expect-error there is no such task
  void ends.third;

  const open = await app.submitFlow("open", (add) => {
    add(tick);
  });
  expectType<Same<typeof open, FlowHandle>>(true);
  const openEnds = await open.result();
  expectType<Same<typeof openEnds, Readonly<Record<string, TaskEnd>>>>(true);
}
