/**
 * Tasks as NDJSON: one JSON object a line, `{ "run": "…" }`, `{ "argv": […] }` or `{ "call": "./handlers.ts#name", "with": … }`, with the settings of
 * a flow file's task. Texts are taken as they are: there are no placeholders. Lines stand alone, so that a list of any
 * length passes in constant memory; tasks that need each other belong in a flow file.
 */
import { z } from "zod";
import { hashModule, ordinalHash, workHash } from "../../../app/flow-file/content-hash.ts";
import type { LimitRule } from "../../../app/run/run.ts";
import { isMakespanError, MakespanError } from "../../../protocol/errors.ts";
import { IMPLICIT_COMMAND_AGENT, IMPLICIT_FUNCTION_AGENT, parseCall } from "../../../protocol/flow-file/agents.ts";
import { fields, expected, filledText } from "../../../protocol/flow-file/fields.ts";
import { taskSchema } from "../../../protocol/flow-file/schema.ts";
import { readUses } from "../../../protocol/flow-file/uses.ts";
import { schemaProblems } from "../../../protocol/flow-file/schema-problems.ts";
import type { CommandLine, PlannedSpec, PlannedTask, Work } from "../../../protocol/task-plan.ts";
import { plannedSpec, plannedTimes, plannedTraits, type SettingFields } from "../../../protocol/task-settings.ts";
import { textTemplate } from "../../../protocol/template/template.ts";
import { COMMAND_LINE } from "./limit-words.ts";
import { CopyCounter } from "./copy-counter.ts";
import { lineBatches, type LineOptions } from "./line-batches.ts";

const { run, call, with: input, priority, retries, timeout, due, deadline, if_late: ifLate, estimate, key, limit, uses, region, env, cwd, stdin, result, tenant, session, weight, size, preemptible } = taskSchema.shape;
const schema = fields("a task of a list", {
  id: filledText("a text").optional(),
  run,
  argv: z.array(z.string(expected("a text")), expected("a list of a program and its arguments")).min(1, expected("a list of a program and its arguments")).optional(),
  call,
  with: input,
  priority,
  retries,
  timeout,
  due,
  deadline,
  if_late: ifLate,
  estimate,
  key,
  limit,
  uses,
  region,
  env,
  cwd,
  stdin,
  result,
  tenant,
  session,
  weight,
  size,
  preemptible,
  needs: z.never({ error: "tasks of a list cannot need each other, since it is read as a stream; write a flow file (YAML or JSON with tasks: by id)" }).optional(),
});
type Line = z.infer<typeof schema>;

export interface TaskLinesOptions extends LineOptions {
  /** Folder to which module paths are relative. */
  readonly folder: string;
  /** For lines that do not say. */
  readonly settings?: SettingFields;
  readonly uses?: NonNullable<PlannedTask["uses"]>;
  /** Limits that lines may use. */
  readonly limits?: ReadonlyMap<string, LimitRule>;
}

/** Batches of tasks, in order. An id that is not given is the line's number. Throws `invalid_input` or `handler_missing` with the line. */
export async function* taskLines(source: AsyncIterable<Uint8Array>, options: TaskLinesOptions): AsyncGenerator<readonly PlannedTask[], void, undefined> {
  const reader = new LineReader(options);
  for await (const { lines, first } of lineBatches(source, options)) {
    const tasks: PlannedTask[] = [];
    for (const [index, line] of lines.entries()) if (line.trim() !== "") tasks.push(reader.read(line, first + index));
    if (tasks.length > 0) yield tasks;
  }
}

/** Settings that are kept to be shared by the tasks that have them; with more kinds of settings, sharing starts anew. */
const MOST_SPECS = 1000;

class LineReader {
  private readonly name: string;
  private readonly folder: string;
  private readonly defaults: SettingFields;
  private readonly usesOfAll: NonNullable<PlannedTask["uses"]>;
  private readonly limits: ReadonlyMap<string, LimitRule>;
  private readonly modules = new Map<string, string>();
  private readonly specs = new Map<string, PlannedSpec>();
  private readonly copies = new CopyCounter();

  constructor({ name, folder, settings = {}, uses = [], limits = new Map() }: TaskLinesOptions) {
    this.name = name;
    this.usesOfAll = uses;
    this.limits = limits;
    this.defaults = settings;
    this.folder = folder;
  }

  read(text: string, line: number): PlannedTask {
    const fields = this.parse(text, line);
    const work = this.work(fields, line);
    const moduleHash = work.kind === "call" ? this.moduleHash(work.module, line) : undefined;
    const content = workHash(work, [], moduleHash === undefined ? {} : { moduleHash });
    const agent = work.kind === "call" ? IMPLICIT_FUNCTION_AGENT : IMPLICIT_COMMAND_AGENT;
    const takes = fields.uses === undefined ? this.usesOfAll : readUses(fields.uses, this.limits, (path, message) => this.refuse(line, `${path.join(".")}: ${message}`), COMMAND_LINE);
    const type = work.kind === "call" ? `${agent}/${work.module}#${work.export}` : agent;
    return {
      id: fields.id ?? String(line),
      line,
      agent,
      work,
      needs: NO_NEEDS,
      spec: this.spec(type, fields),
      ...plannedTimes(fields),
      ...plannedTraits(fields),
      ...(fields.if_late === undefined ? {} : { ifLate: fields.if_late }),
      ...(fields.region === undefined ? {} : { region: fields.region }),
      ...(takes.length === 0 ? {} : { uses: takes }),
      ...(fields.key === undefined ? {} : { key: fields.key }),
      ...(fields.limit === undefined ? {} : { limit: { key: fields.limit.key, max: fields.limit.max ?? 1 } }),
      contentHash: ordinalHash(content, this.copies.next(content)),
    };
  }

  private parse(text: string, line: number): Line {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return this.refuse(line, `not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [first, ...others] = schemaProblems(parsed.error.issues);
    const path = first!.path.length === 0 ? "" : `${first!.path.join(".")}: `;
    return this.refuse(line, `${path}${first!.message}${others.length === 0 ? "" : ` (and ${others.length} more)`}`);
  }

  private work(fields: Line, line: number): Work {
    const given = (["run", "argv", "call"] as const).filter((name) => fields[name] !== undefined);
    if (given.length !== 1) return this.refuse(line, `expected one of run, argv or call, got ${given.length === 0 ? "none" : given.join(" and ")}`);
    if (fields.call !== undefined) {
      const stray = (["env", "cwd", "stdin", "result"] as const).find((name) => fields[name] !== undefined);
      if (stray !== undefined) return this.refuse(line, `${stray} is only for run; give a handler its input by with`);
      const handler = parseCall(fields.call, undefined);
      if (handler.kind === "problem") return this.refuse(line, `call: ${handler.problem}`);
      return { kind: "call", module: handler.module, export: handler.export, with: { value: fields.with ?? null, holes: [] } };
    }
    if (fields.with !== undefined) return this.refuse(line, "with is only for call; give a command its input by stdin or env");
    const command: CommandLine =
      typeof fields.run === "string"
        ? { kind: "shell", script: textTemplate(fields.run) }
        : { kind: "argv", argv: (fields.run ?? fields.argv ?? []).map((word) => textTemplate(word)) };
    return {
      kind: "command",
      command,
      env: Object.fromEntries(Object.entries(fields.env ?? {}).map(([name, value]) => [name, textTemplate(String(value))])),
      ...(fields.cwd === undefined ? {} : { cwd: textTemplate(fields.cwd) }),
      ...(fields.stdin === undefined ? {} : { stdin: textTemplate(fields.stdin) }),
      result: fields.result ?? "last-line",
    };
  }

  /** The same object for the same settings: the engine interns by identity first. */
  private spec(type: string, { priority, retries, timeout, preemptible }: Line): PlannedSpec {
    const settings = JSON.stringify([type, priority, retries, timeout, preemptible]);
    let spec = this.specs.get(settings);
    if (spec === undefined) {
      spec = plannedSpec(type, { priority, retries, timeout, preemptible }, this.defaults);
      if (this.specs.size >= MOST_SPECS) this.specs.clear();
      this.specs.set(settings, spec);
    }
    return spec;
  }

  private moduleHash(module: string, line: number): string {
    let hash = this.modules.get(module);
    if (hash === undefined) {
      try {
        hash = hashModule(this.folder, module);
      } catch (error) {
        if (!isMakespanError(error)) throw error;
        throw new MakespanError(error.code, `${this.name}:${line}: ${error.message}`, { source: this.name, line });
      }
      this.modules.set(module, hash);
    }
    return hash;
  }

  private refuse(line: number, problem: string): never {
    throw new MakespanError("invalid_input", `${this.name}:${line}: ${problem}`, { source: this.name, line });
  }
}

const NO_NEEDS: PlannedTask["needs"] = [];
