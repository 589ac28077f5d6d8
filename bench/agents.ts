/**
 * What an agent costs for each task that does nothing: the function agent against the JSON work that no agent can avoid, and
 * the pools of threads and processes. `node bench/agents.ts [--json]`
 */
import { createFunctionAgent } from "../src/engine/agents/function-agent.ts";
import { createProcessAgent } from "../src/engine/agents/process-agent.ts";
import { createThreadAgent } from "../src/engine/agents/thread-agent.ts";
import { createWatchdog } from "../src/engine/watchdog.ts";
import { msPerTask } from "./agent-load.ts";

const WARM = 20_000;
const FUNCTION_TASKS = 500_000;
const POOL_TASKS = 50_000;
const input = JSON.stringify({ n: 1, text: "a short input" });
const module = new URL("./noop-tasks.ts", import.meta.url);

function jsonUs(): number {
  let length = 0;
  const begin = performance.now();
  for (let i = 0; i < FUNCTION_TASKS; i++) length += JSON.stringify(JSON.parse(input)).length;
  return length > 0 ? ((performance.now() - begin) * 1_000) / FUNCTION_TASKS : 0;
}

// A benchmark leaves the event loop no turn; the watchdog is there for what it costs, not to complain.
const watchdog = createWatchdog({ limitMs: 600_000 });
const functions = createFunctionAgent({
  slots: 100,
  watchdog,
  handlers: { sync: { handler: () => undefined }, echo: { handler: (value: unknown) => value }, async: { handler: async () => undefined } },
});
const threads = createThreadAgent({ threads: 2, module, types: ["noop"] });
const processes = createProcessAgent({ processes: 2, module, types: ["noop"] });

async function figure(agent: typeof functions, type: string, tasks: number, atOnce: number): Promise<number> {
  await msPerTask({ agent, type, input, tasks: WARM, atOnce });
  return msPerTask({ agent, type, input, tasks, atOnce });
}

jsonUs();
const figures = {
  json_us: jsonUs(),
  function_sync_us: (await figure(functions, "sync", FUNCTION_TASKS, 100)) * 1_000,
  function_echo_us: (await figure(functions, "echo", FUNCTION_TASKS, 100)) * 1_000,
  function_async_us: (await figure(functions, "async", FUNCTION_TASKS, 100)) * 1_000,
  threads_tasks_per_s: 1_000 / (await figure(threads, "noop", POOL_TASKS, 2)),
  processes_tasks_per_s: 1_000 / (await figure(processes, "noop", POOL_TASKS, 2)),
};
await Promise.all([functions.close(), threads.close(), processes.close(), watchdog.close()]);

if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(24)} ${value < 100 ? value.toFixed(2) : Math.round(value)}`);
