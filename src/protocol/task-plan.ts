/**
 * What `makespan run` is asked to do, read and checked, but not yet submitted: the tasks of a flow file or of a streamed list in one
 * shape. Everything here is plain JSON. Readers make drafts; the layer that may read files adds the content hash, by which a
 * later run recognises what is done.
 */
import type { LimitRule } from "../core/limits/rule.ts";
import type { Spec, Use } from "../core/task.ts";
import type { FlowTemplate, FlowRef } from "./template/flow-syntax.ts";
import type { JsonTemplate } from "./template/json-template.ts";

/**
 * What becomes of a command's stdout: parsed as JSON; an array of its lines; the whole text without the last line break; its last
 * line that is not empty; or nothing.
 */
export const RESULT_MODES = ["json", "lines", "text", "last-line", "none"] as const;
export type ResultMode = (typeof RESULT_MODES)[number];

/** `shell`: a script for `sh -c`, in which values are quoted; `argv`: a program and its arguments, without a shell. */
export type CommandLine =
  | { readonly kind: "shell"; readonly script: FlowTemplate }
  | { readonly kind: "argv"; readonly argv: readonly FlowTemplate[] };

export interface CommandWork {
  readonly kind: "command";
  readonly command: CommandLine;
  /** Added to the environment of the run. */
  readonly env: Readonly<Record<string, FlowTemplate>>;
  /** Relative to the folder of the flow file (or to where a list is run). */
  readonly cwd?: FlowTemplate;
  readonly stdin?: FlowTemplate;
  readonly result: ResultMode;
}

export interface CallWork {
  readonly kind: "call";
  /** Path of the handler's module as written, relative to the folder of the flow file. */
  readonly module: string;
  /** Name of the export; `default` for the default one. */
  readonly export: string;
  readonly with: JsonTemplate<FlowRef>;
}

export type Work = CommandWork | CallWork;

/** A name in `needs`: the tasks it stands for, in order. More than one for a group; its value is then the list of their results. */
export interface PlannedNeed {
  readonly name: string;
  readonly group: boolean;
  readonly ids: readonly string[];
}

/**
 * The task stands for as many as the result of `from` has elements, one member each. The placeholders `{item}` and `{index}` are
 * still open in its work (and here); `expandMember` fills them. Its own result is the list of its members' results.
 */
export interface Expansion {
  /** Name of a need. */
  readonly from: string;
  /** Split a text into its lines; a list is taken as it is. */
  readonly lines: boolean;
  readonly key?: FlowTemplate;
  readonly limitKey?: FlowTemplate;
}

/** Settings of a type, as the engine takes them. */
export type PlannedSpec = Omit<Spec, "id">;

export interface TaskDraft {
  /** Unique in its file or stream; `measure[a]` for a member of the group `measure`. */
  readonly id: string;
  /** The id in the file of the task that was expanded to this one. */
  readonly group?: string;
  /** Line where it is written, from 1. */
  readonly line: number;
  /** Name of an agent of the plan. */
  readonly agent: string;
  /** When several may do it: their names, of which `agent` is the first. */
  readonly agents?: readonly string[];
  /** Where it should run. */
  readonly region?: string;
  readonly work: Work;
  readonly needs: readonly PlannedNeed[];
  readonly expand?: Expansion;
  readonly spec: PlannedSpec;
  /** From the start of the run, in ms; or an instant. At most one of each pair is set. */
  readonly dueInMs?: number;
  readonly dueAt?: number;
  readonly deadlineInMs?: number;
  readonly deadlineAt?: number;
  /** What becomes of it when it cannot make its due date or deadline. */
  readonly ifLate?: "accept" | "refuse" | "downgrade";
  readonly estimateMs?: number;
  readonly tenant?: string;
  readonly session?: string;
  readonly weight?: number;
  readonly size?: number;
  /** The user's own idempotency key; takes the place of the content hash when what is done is recognised. */
  readonly key?: string;
  /** What it uses of the plan's limits while it runs. */
  readonly uses?: readonly Use[];
  /** At most `max` tasks with the same limit key run at once. */
  readonly limit?: { readonly key: string; readonly max: number };
}

export interface PlannedTask extends TaskDraft {
  /** Digest of what the task does and of everything that it needs; equal for equal work, wherever it stands in the file. */
  readonly contentHash: string;
}

/** What balancers go by; see the agents' options. */
export interface AgentTraits {
  readonly speed?: number;
  readonly weight?: number;
  readonly region?: string;
  readonly costPerHour?: number;
}

interface PlannedAgent {
  readonly name: string;
  /** Types of the tasks it is given. */
  readonly types: readonly string[];
  /** Not in the file: the tasks need it, and the caller decides about its size. */
  readonly implicit: boolean;
  readonly traits?: AgentTraits;
}

export type AgentPlan =
  | (PlannedAgent & { readonly kind: "command" | "function"; readonly slots: number | undefined; readonly modules: readonly string[] })
  | (PlannedAgent & { readonly kind: "threads" | "processes"; readonly count: number | undefined; readonly modules: readonly string[] });

export interface FlowDraft {
  readonly name: string;
  /** How one of several agents is picked; the scheduler knows which ways there are. */
  readonly balancer?: string;
  /** How far regions are from each other. */
  readonly distances?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Limits that tasks use, by name. */
  readonly limits?: Readonly<Record<string, LimitRule>>;
  /** What orders the run's queue; the scheduler knows which there are. */
  readonly policy?: string;
  readonly agents: readonly AgentPlan[];
  /** Limits of slots in whole units, by name: what plans go by. */
  readonly resources: Readonly<Record<string, number>>;
  /** In file order; the members of a group together. */
  readonly tasks: readonly TaskDraft[];
}

export interface FlowPlan extends FlowDraft {
  readonly tasks: readonly PlannedTask[];
  /** Absolute path of the flow file, and its folder, to which paths in the file are relative. */
  readonly file: string;
  readonly folder: string;
}

/** Ids of all tasks it needs, in the order of `needs`, each once. */
export function neededIds(task: TaskDraft): readonly string[] {
  const [only, ...others] = task.needs;
  if (only === undefined) return [];
  return others.length === 0 ? only.ids : [...new Set(task.needs.flatMap((need) => need.ids))];
}
