/**
 * What a command costs: 2,000 times `true`, two at a time, through the command agent, by bare spawns of Node, by xargs and by
 * GNU parallel where they are installed, all in one run. `node bench/commands.ts [--json]`
 */
import { spawn, spawnSync, type StdioOptions } from "node:child_process";
import { createCommandAgent } from "../src/engine/agents/command-agent.ts";
import { msPerTask } from "./agent-load.ts";

const COMMANDS = 2_000;
const AT_ONCE = 2;
const WARM = 100;

const agent = createCommandAgent({ slots: AT_ONCE });

async function agentMs(input: object): Promise<number> {
  const load = { agent, type: "command", input: JSON.stringify(input), atOnce: AT_ONCE };
  await msPerTask({ ...load, tasks: WARM });
  return msPerTask({ ...load, tasks: COMMANDS });
}

/** Bare spawns, without any reading of output. */
async function spawnMs(stdio: StdioOptions): Promise<number> {
  let started = 0;
  const one = async (): Promise<void> => {
    while (started++ < COMMANDS) {
      await new Promise((resolve) => spawn("true", [], { stdio, detached: true }).on("close", resolve));
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return (performance.now() - begin) / COMMANDS;
}

/** A program that runs a command for each line of its input; null where it is not installed. */
function otherMs(program: string, args: readonly string[]): number | null {
  const input = Array.from({ length: COMMANDS }, (_, i) => `${i}\n`).join("");
  const begin = performance.now();
  const { status } = spawnSync(program, args, { input, stdio: ["pipe", "ignore", "ignore"] });
  return status === 0 ? (performance.now() - begin) / COMMANDS : null;
}

const figures = {
  commands: COMMANDS,
  at_once: AT_ONCE,
  argv_ms: await agentMs({ argv: ["true"] }),
  shell_ms: await agentMs({ shell: "true" }),
  spawn_ignore_ms: await spawnMs("ignore"),
  spawn_pipes_ms: await spawnMs(["ignore", "pipe", "pipe"]),
  xargs_ms: otherMs("xargs", ["-P", String(AT_ONCE), "-n", "1", "true"]),
  parallel_ms: otherMs("parallel", ["--will-cite", "-j", String(AT_ONCE), "true"]),
};
await agent.close();

if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(16)} ${value === null ? "not installed" : Number.isInteger(value) ? value : value.toFixed(3)}`);
