/**
 * A flow file's text becomes a checked draft of its run. Every problem is found in one go and told with its line and column;
 * nothing is read from disk here, so the same code can check a file in an editor.
 */
import { didYouMean } from "../did-you-mean.ts";
import { isMakespanError } from "../errors.ts";
import { describeValue } from "../json.ts";
import type { FlowDraft, PlannedNeed, TaskDraft } from "../task-plan.ts";
import { planAgents } from "./agents.ts";
import { findCircles } from "./graph.ts";
import { readLimits, resourcesOf, type Limits } from "./limits.ts";
import { expandMember, memberIds } from "./members.ts";
import { problemError, type CodedProblem, type ProblemCode } from "./problem.ts";
import { frameSchema, TASK_ID, taskSchema, type Frame, type TaskFields } from "./schema.ts";
import { schemaProblems } from "./schema-problems.ts";
import { FlowSource, type Path } from "./source.ts";
import { draftTask, needNames } from "./task-draft.ts";

/** Tasks that a file may stand for once its groups are expanded. */
const TASK_LIMIT = 1_000_000;

/** Guessing compares with every id; after this many problems another guess helps nobody. */
const ADVICE_LIMIT = 100;

export interface FlowFileOptions {
  /** Path of the file as the user knows it, for messages. */
  readonly file: string;
  /** The name of the flow when the file gives none. */
  readonly defaultName: string;
  /** Values that replace those of the file's variables. */
  readonly vars?: ReadonlyMap<string, string>;
  /** Limits for this run, besides those of the file or in their place. */
  readonly limits?: Limits;
  /** What is wrong with a choice of the scheduler's or with the module of a call, which only the caller can know. */
  readonly problemOf?: Readonly<Record<"policy" | "balancer" | "module", (text: string) => string | undefined>>;
}

/**
 * Throws a `MakespanError` whose `detail.problems` are all that is wrong: `flow_cycle`, `dependency_unknown`, `duplicate_id` or, of
 * `problemOf`, `policy_unknown`, `balancer_unknown` or `handler_missing` if that is the only kind of problem, else `flow_file_invalid`.
 */
export function parseFlowFile(text: string, options: FlowFileOptions): FlowDraft {
  const reader = new FlowReader(new FlowSource(text));
  const draft = reader.read(options);
  if (reader.problems.length > 0 || draft === undefined) throw problemError(options.file, reader.problems);
  return draft;
}

type Needy = Pick<TaskFields, "needs" | "for_each">;

class FlowReader {
  readonly problems: CodedProblem[];
  private readonly source: FlowSource;
  private vars: ReadonlyMap<string, string> = new Map();
  private limits: Limits = new Map();
  private problemOf: FlowFileOptions["problemOf"];
  /** `line:column` of every problem. */
  private readonly places: Set<string>;
  /** Ids of the tasks that a name in `needs` stands for: a task, a group, or a member of a group. */
  private readonly idsOf = new Map<string, { readonly group: boolean; readonly ids: readonly string[]; readonly owner: string }>();

  constructor(source: FlowSource) {
    this.source = source;
    this.problems = [...source.problems];
    this.places = new Set(source.problems.map(placeOf));
  }

  read(options: FlowFileOptions): FlowDraft | undefined {
    const { value } = this.source;
    if (value === undefined) return undefined;
    const parsed = frameSchema.safeParse(value);
    if (!parsed.success) this.addSchemaProblems(parsed.error.issues, []);
    const raw = isMap(value) ? value["tasks"] : undefined;
    if (!isMap(raw)) return undefined;
    const frame: Frame = parsed.success ? parsed.data : { tasks: {} };
    if (Object.keys(raw).length === 0) this.add(["tasks"], "there are no tasks; a flow needs at least one");
    this.checkWritten([
      ...Object.keys(frame.vars ?? {}).map((name) => ["vars", name]),
      ...Object.keys(frame.defaults?.env ?? {}).map((name) => ["defaults", "env", name]),
    ]);
    this.problemOf = options.problemOf;
    for (const name of ["policy", "balancer"] as const) {
      const problem = frame[name] === undefined ? undefined : this.problemOf?.[name](frame[name]);
      if (problem !== undefined) this.add([name], problem, `${name}_unknown`);
    }
    this.vars = this.variablesOf(frame, options.vars ?? new Map());
    this.limits = readLimits(frame, options.limits ?? new Map(), (path, message, onKey = false) => this.add(path, message, undefined, onKey));
    const tasks = this.readTasks(raw, frame, parsed.success);
    const { policy, balancer, distances } = frame;
    return {
      name: frame.name ?? options.defaultName,
      ...(policy === undefined ? {} : { policy }),
      ...(balancer === undefined ? {} : { balancer }),
      ...(distances === undefined ? {} : { distances }),
      ...(this.limits.size === 0 ? {} : { limits: Object.fromEntries(this.limits) }),
      agents: planAgents(frame.agents ?? {}, tasks),
      resources: resourcesOf(this.limits),
      tasks,
    };
  }

  /** The file's variables with the values given for this run; one that the file does not have is a slip. */
  private variablesOf(frame: Frame, given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const vars = new Map(Object.entries(frame.vars ?? {}).map(([name, value]) => [name, String(value)]));
    for (const [name, value] of given) {
      if (!vars.has(name)) {
        const advice = vars.size === 0 ? "; it has none" : didYouMean(name, vars.keys()) || `; it has ${[...vars.keys()].join(", ")}`;
        this.add(["vars"], `the file has no variable ${JSON.stringify(name)} to set${advice}`);
      } else vars.set(name, value);
    }
    return vars;
  }

  private readTasks(raw: Readonly<Record<string, unknown>>, frame: Frame, framed: boolean): readonly TaskDraft[] {
    const checked = new Map<string, TaskFields>();
    const needy = new Map<string, Needy>();
    for (const [id, fields] of Object.entries(raw)) {
      if (!TASK_ID.test(id)) this.add(["tasks", id], `an id begins with a letter and has letters, digits and _ - . : / in it, got ${describeValue(id)}`, undefined, true);
      const result = taskSchema.safeParse(fields);
      needy.set(id, result.success ? result.data : { needs: textsOf(fields) });
      if (result.success) checked.set(id, result.data);
      else this.addSchemaProblems(result.error.issues, ["tasks", id]);
    }
    this.nameTasks(Object.keys(raw), checked);
    this.checkNeeds(needy);
    if (!framed) return [];
    const takenApart = new Set([...checked.values()].flatMap(({ for_each }) => (for_each === undefined || Array.isArray(for_each) ? [] : [for_each.from])));
    const known = new Set(this.idsOf.keys());
    let count = 0;
    const tasks: TaskDraft[] = [];
    for (const [id, fields] of checked) {
      const path: Path = ["tasks", id];
      this.checkWritten([
        ...Object.keys(fields.env ?? {}).map((name) => [...path, "env", name]),
        ...(Array.isArray(fields.for_each) ? fields.for_each.map((_, index) => [...path, "for_each", index]) : []),
      ]);
      const before = this.problems.length;
      const draft = draftTask(id, this.source.line(path), fields, {
        agents: frame.agents ?? {},
        defaults: frame.defaults ?? {},
        known,
        takenApart,
        vars: this.vars,
        limits: this.limits,
        report: (inner, message, onKey = false) => this.add([...path, ...inner], message, undefined, onKey || inner.length === 0),
      });
      const problem = draft?.work.kind === "call" ? this.problemOf?.module(draft.work.module) : undefined;
      if (problem !== undefined) this.add([...path, "call"], problem, "handler_missing");
      if (draft === undefined || this.problems.length > before) continue;
      const members = this.expand({ ...draft, needs: this.needsOf(fields) }, fields);
      count += members.length;
      for (const member of members) tasks.push(member);
    }
    if (count > TASK_LIMIT) this.add(["tasks"], `the file stands for ${count} tasks, more than ${TASK_LIMIT}; give them as a stream of lines instead`);
    return tasks;
  }

  /** What every name stands for; tasks with problems count, so that others that need them are not blamed. */
  private nameTasks(ids: readonly string[], checked: ReadonlyMap<string, TaskFields>): void {
    for (const id of ids) {
      const items = checked.get(id)?.for_each;
      if (!Array.isArray(items)) {
        this.idsOf.set(id, { group: false, ids: [id], owner: id });
        continue;
      }
      const members = memberIds(id, items);
      this.idsOf.set(id, { group: true, ids: members, owner: id });
      for (const member of members) this.idsOf.set(member, { group: false, ids: [member], owner: id });
    }
  }

  private checkNeeds(tasks: ReadonlyMap<string, Needy>): void {
    const graph = new Map<string, readonly string[]>();
    for (const [id, fields] of tasks) {
      const owners: string[] = [];
      for (const name of needNames(fields)) {
        const known = this.idsOf.get(name);
        if (known === undefined) {
          const advice = this.problems.length < ADVICE_LIMIT ? didYouMean(name, this.idsOf.keys()) : "";
          this.add(this.needPath(id, fields, name), `it needs ${JSON.stringify(name)}, which does not exist${advice}`, "dependency_unknown");
        } else owners.push(known.owner);
      }
      graph.set(id, owners);
    }
    for (const circle of findCircles(graph)) {
      const [id = "", next = ""] = circle;
      const fields = tasks.get(id);
      const name = fields === undefined ? undefined : needNames(fields).find((need) => this.idsOf.get(need)?.owner === next);
      this.add(fields === undefined || name === undefined ? ["tasks", id] : this.needPath(id, fields, name), `tasks need each other in a circle: ${writeCircle(circle)}`, "flow_cycle");
    }
  }

  private needPath(id: string, fields: Needy, name: string): Path {
    if (Array.isArray(fields.needs) && fields.needs.includes(name)) return ["tasks", id, "needs", fields.needs.indexOf(name)];
    return fields.needs === name ? ["tasks", id, "needs"] : ["tasks", id, "for_each", "from"];
  }

  private needsOf(fields: TaskFields): readonly PlannedNeed[] {
    return needNames(fields).flatMap((name) => {
      const known = this.idsOf.get(name);
      return known === undefined ? [] : [{ name, group: known.group, ids: known.ids }];
    });
  }

  private expand(draft: TaskDraft, fields: TaskFields): readonly TaskDraft[] {
    if (!Array.isArray(fields.for_each)) return [draft];
    const ids = this.idsOf.get(draft.id)?.ids ?? [];
    return fields.for_each.flatMap((item, index) => {
      try {
        return [expandMember(draft, ids[index]!, item, index)];
      } catch (error) {
        if (!isMakespanError(error, "invalid_input")) throw error;
        this.add(["tasks", draft.id, "for_each", index], error.message);
        return [];
      }
    });
  }

  /** A number or truth value that is to become text must look the same afterwards: 1.10 would become 1.1. */
  private checkWritten(paths: readonly Path[]): void {
    for (const path of paths) {
      const value = this.valueAt(path);
      const written = typeof value === "number" || typeof value === "boolean" ? this.source.written(path) : undefined;
      if (written !== undefined && written !== String(value)) this.add(path, `${written} would become ${String(value)}; write it in quotes: "${written}"`);
    }
  }

  private valueAt(path: Path): unknown {
    let value = this.source.value;
    for (const step of path) value = (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step];
    return value;
  }

  private addSchemaProblems(issues: Parameters<typeof schemaProblems>[0], base: Path): void {
    for (const { path, message, onKey } of schemaProblems(issues, base)) this.add(path, message, undefined, onKey);
  }

  /** Only the first problem at a place counts: those that follow from it would repeat it in other words. */
  private add(path: Path, message: string, code?: ProblemCode, onKey = false): void {
    const problem = this.source.problem(path, message, { onKey, ...(code === undefined ? {} : { code }) });
    if (this.places.has(placeOf(problem))) return;
    this.places.add(placeOf(problem));
    this.problems.push(problem);
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What can be read of the needs of a task whose other fields are wrong. */
function textsOf(fields: unknown): string | string[] {
  const needs = isMap(fields) ? fields["needs"] : undefined;
  if (typeof needs === "string") return needs;
  return Array.isArray(needs) ? needs.filter((name) => typeof name === "string") : [];
}

/** A long circle is cut in the middle. */
function writeCircle(circle: readonly string[]): string {
  if (circle.length <= 12) return circle.join(" -> ");
  return [...circle.slice(0, 8), `… ${circle.length - 11} more …`, ...circle.slice(-3)].join(" -> ");
}

function placeOf({ line, column }: CodedProblem): string {
  return `${line}:${column}`;
}
