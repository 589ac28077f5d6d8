/**
 * `makespan run -- CMD {}`: one task for every line (or every `-n` lines) of a stream, made as the lines come.
 */
import { ordinalHash, workHash } from "../../../app/flow-file/content-hash.ts";
import { plannedSpec, type SettingFields } from "../../../protocol/task-settings.ts";
import { IMPLICIT_COMMAND_AGENT } from "../../../protocol/flow-file/agents.ts";
import type { CommandWork, PlannedTask, ResultMode } from "../../../protocol/task-plan.ts";
import { textTemplate } from "../../../protocol/template/template.ts";
import { CopyCounter } from "./copy-counter.ts";
import { lineBatches, type LineOptions } from "./line-batches.ts";
import { compileListCommand } from "./list-command.ts";

export interface ListOptions extends LineOptions {
  /** The words after `--`. */
  readonly command: readonly string[];
  /** Lines a task; default 1. */
  readonly linesPerTask?: number;
  readonly settings?: SettingFields;
  /** What each task takes of the run's limits. */
  readonly uses?: NonNullable<PlannedTask["uses"]>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default `last-line`. */
  readonly result?: ResultMode;
}

/**
 * Batches of tasks, in order. Empty lines are passed over, except between NULs. Ids are the tasks' numbers, from 1.
 * Throws `invalid_option` before the first batch when the command is wrong, `invalid_input` when a line is.
 */
export async function* listTasks(source: AsyncIterable<Uint8Array>, options: ListOptions): AsyncGenerator<readonly PlannedTask[], void, undefined> {
  const maker = new TaskMaker(options);
  const linesPerTask = options.linesPerTask ?? 1;
  let pending: string[] = [];
  let pendingLine = 0;
  for await (const { lines, first } of lineBatches(source, options)) {
    const tasks: PlannedTask[] = [];
    lines.forEach((line, index) => {
      if (line === "" && options.nul !== true) return;
      if (pending.length === 0) pendingLine = first + index;
      pending.push(line);
      if (pending.length < linesPerTask) return;
      tasks.push(maker.make(pending, pendingLine));
      pending = [];
    });
    if (tasks.length > 0) yield tasks;
  }
  if (pending.length > 0) yield [maker.make(pending, pendingLine)];
}

class TaskMaker {
  private readonly command;
  private readonly shared;
  private readonly spec;
  private readonly traits;
  private readonly copies = new CopyCounter();
  private number = 0;

  constructor({ command, linesPerTask = 1, settings = {}, uses = [], env = {}, cwd, result = "last-line" }: ListOptions) {
    this.command = compileListCommand(command, linesPerTask);
    this.spec = plannedSpec(IMPLICIT_COMMAND_AGENT, settings);
    this.traits = uses.length === 0 ? {} : { uses };
    this.shared = {
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, textTemplate(value)])),
      ...(cwd === undefined ? {} : { cwd: textTemplate(cwd) }),
      result,
    };
  }

  make(lines: readonly string[], line: number): PlannedTask {
    this.number += 1;
    const work: CommandWork = { kind: "command", command: this.command(lines, this.number), ...this.shared };
    const content = workHash(work);
    return {
      id: String(this.number),
      line,
      agent: IMPLICIT_COMMAND_AGENT,
      work,
      needs: NO_NEEDS,
      spec: this.spec,
      ...this.traits,
      contentHash: ordinalHash(content, this.copies.next(content)),
    };
  }
}

const NO_NEEDS: PlannedTask["needs"] = [];
