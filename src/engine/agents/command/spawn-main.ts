/**
 * The process that starts the commands of an agent, measures them and passes on what they write. It ends with the engine, however
 * that ends, and takes along what still runs.
 */
import { assert } from "../../../core/assert.ts";
import type { FromSpawner, ToSpawner } from "./spawn-messages.ts";
import { SpawnedCommand } from "./spawned-command.ts";

const running = new Set<SpawnedCommand>();
let environment: Readonly<Record<string, string>> = {};

process.title = "makespan-commands";
process.on("message", (message: ToSpawner) => {
  if (message.kind === "environment") {
    environment = message.env;
    return;
  }
  const command = new SpawnedCommand(message, environment, { send, onEnd: () => void running.delete(command) });
  running.add(command);
  command.begin();
});
process.on("disconnect", () => {
  for (const command of running) command.kill();
  process.exit(0);
});

/** Calls `sent` when the message has left this process, which is how a command is slowed down to what the engine takes. */
function send(message: FromSpawner, sent?: () => void): void {
  assert(process.send !== undefined, "the engine opens a channel to this process");
  process.send(message, undefined, undefined, sent ?? ignore);
}

/** A message that cannot be sent any more is of no use to anybody: the engine is gone, and "disconnect" follows. */
function ignore(): void {}
