/**
 * What learned durations are worth: mean response under shortest-job-first on a trace of LLM requests whose service is only partly
 * known from their size (0.25 ms an input token, known at arrival, + 25 ms an output token, not known), ordered by what `Estimates`
 * has learned up to each arrival; beside first-come-first-served, the order of the sizes themselves, and the true services, which
 * nobody has. Also the error of the predictions, and the time that a prediction and an observation take.
 *
 *     node bench/estimates.ts [FILE.csv.gz] [--agents 4,5] [--json]
 *
 * FILE has the columns TIMESTAMP, ContextTokens, GeneratedTokens (Azure LLM inference trace, CC-BY 4.0); default: the code trace.
 */
import { parseArgs } from "node:util";
import { Estimates } from "../src/core/estimate/estimates.ts";
import { Heap } from "../src/core/struct/heap.ts";
import type { Spec, Task } from "../src/core/task.ts";
import { extraOf, TaskRecord } from "../src/core/task-record.ts";
import { LLM_TRACE, readLlmTrace } from "./lib/llm-trace.ts";
import { median, rounded } from "./lib/numbers.ts";

const SPEC: Spec = {
  id: 1,
  type: "completion",
  queue: "default",
  priority: 3,
  retry: { limit: 0, backoff: "fixed", delayMs: 0, maxDelayMs: 0, jitter: 0, lossLimit: 0 },
  onDependencyFailure: "skip",
};

interface Request {
  readonly arrivesAt: number;
  readonly serviceMs: number;
  readonly task: Task;
}

interface Order {
  /** Its place in the queue, given on arrival: the lowest goes first. */
  readonly rank: (request: Request) => number;
  readonly onDone?: (request: Request) => void;
}

class Ending {
  heapSlot = -1;
  readonly request: Request;
  constructor(request: Request) {
    this.request = request;
  }
}

const { values, positionals } = parseArgs({
  options: { agents: { type: "string", default: "4,5" }, json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const trace = readTrace(positionals[0] ?? LLM_TRACE);
const results = values.agents.split(",").map(Number).map((agents) => {
  const estimates = new Estimates();
  const learned: Order = {
    rank: ({ task }) => estimates.serviceMs(task),
    onDone: ({ task, serviceMs }) => estimates.observe(task, serviceMs),
  };
  const fcfs = respond(agents, { rank: ({ arrivesAt }) => arrivesAt });
  const bySize = respond(agents, { rank: ({ task }) => task.extra!.size! });
  const byLearned = respond(agents, learned);
  const exact = respond(agents, { rank: ({ serviceMs }) => serviceMs });
  const [known] = estimates.describe();
  return {
    agents,
    mean_s: { fcfs: fcfs.meanS, size: bySize.meanS, learned: byLearned.meanS, exact: exact.meanS },
    max_s: { fcfs: fcfs.maxS, size: bySize.maxS, learned: byLearned.maxS, exact: exact.maxS },
    share_of_gain: rounded((fcfs.meanS - byLearned.meanS) / (fcfs.meanS - exact.meanS)),
    predictor: known!.predictor,
    errors: known!.errors,
  };
});
const speed = measureSpeed();
const result = { tasks: trace.length, runs: results, ...speed };
if (values.json) console.log(JSON.stringify(result));
else {
  for (const { agents, mean_s, share_of_gain, predictor } of results) {
    console.log(`${agents} agents, mean response: fcfs ${mean_s.fcfs} s, by size ${mean_s.size} s, learned ${mean_s.learned} s (${predictor}), true services ${mean_s.exact} s; learned has ${Math.round(share_of_gain * 100)} % of the gain`);
  }
  console.log(`a prediction takes ${speed.predict_ns} ns without and ${speed.predict_sized_ns} ns with a size, an observation ${speed.observe_ns} and ${speed.observe_sized_ns} ns`);
}

function readTrace(path: string): readonly Request[] {
  return readLlmTrace(path).map(({ arrivesAt, serviceMs, inputTokens }, index) => {
    const task = new TaskRecord(index + 1, SPEC, "queued", 0, arrivesAt);
    extraOf(task).size = inputTokens;
    return { arrivesAt, serviceMs, task };
  });
}

/** A queue before equal agents, without preemption. */
function respond(agents: number, { rank, onDone }: Order): { readonly meanS: number; readonly maxS: number } {
  const waiting = new Heap<Ending>();
  const running = new Heap<Ending>();
  let sumMs = 0;
  let maxMs = 0;
  for (let next = 0; next < trace.length || running.size > 0; ) {
    const arrival = trace[next];
    let now: number;
    if (arrival !== undefined && arrival.arrivesAt < running.firstKey) {
      now = arrival.arrivesAt;
      waiting.push(new Ending(arrival), rank(arrival), next++);
    } else {
      now = running.firstKey;
      const { request } = running.pop()!;
      sumMs += now - request.arrivesAt;
      maxMs = Math.max(maxMs, now - request.arrivesAt);
      onDone?.(request);
    }
    while (running.size < agents && waiting.size > 0) {
      const started = waiting.pop()!;
      running.push(started, now + started.request.serviceMs, started.request.task.id);
    }
  }
  return { meanS: rounded(sumMs / trace.length / 1_000), maxS: rounded(maxMs / 1_000) };
}

function measureSpeed() {
  const plain = trace.map(({ task, serviceMs }) => ({ task: new TaskRecord(task.id, SPEC, "queued", 0, 0), serviceMs }));
  const sized = trace.map(({ task, serviceMs }) => ({ task, serviceMs }));
  const estimates = new Estimates();
  const observe = (list: typeof plain) => nsEach(list.length, () => list.forEach(({ task, serviceMs }) => estimates.observe(task, serviceMs)));
  let sum = 0;
  const predict = (list: typeof plain) => nsEach(list.length, () => list.forEach(({ task }) => (sum += estimates.serviceMs(task))));
  const measured = { observe_ns: observe(plain), observe_sized_ns: observe(sized), predict_ns: predict(plain), predict_sized_ns: predict(sized) };
  if (!(sum > 0)) throw new Error("Nothing was predicted.");
  return measured;
}

/** Median over rounds, the first of which warm up. */
function nsEach(count: number, run: () => void): number {
  const rounds: number[] = [];
  for (let round = 0; round < 30; round++) {
    const startedAt = performance.now();
    run();
    if (round >= 10) rounds.push(((performance.now() - startedAt) * 1e6) / count);
  }
  return Math.round(median(rounds));
}
