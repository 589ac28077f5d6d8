/**
 * The schema of flow files, as people write them. The parser checks the file's frame and each task on its own, so that one bad
 * task does not hide the problems of the others; editors get the whole as JSON Schema.
 */
import { z } from "zod";
import { RESULT_MODES } from "../task-plan.ts";
import { commandLine, duration, environment, expected, fields, filledText, priority, retries, text, when, wholeNumber } from "./fields.ts";

const SLOTS = "a whole number from 1 to 10000";
const modulePath = filledText("the path of a module (./handlers.ts)");
const AGENT_KINDS = ["command", "function", "threads", "processes"] as const;

const slots = wholeNumber(SLOTS, 1, 10_000).optional().describe("Tasks at once; default twice the number of cores");
const count = wholeNumber(SLOTS, 1, 10_000).optional().describe("Workers in the pool; default the number of cores");
const module = modulePath.optional().describe("Module of calls that name none");
const agentForms = [
  fields("an agent of kind command", { kind: z.literal("command"), slots }),
  fields("an agent of kind function", { kind: z.literal("function"), slots, module }),
  fields("an agent of kind threads", { kind: z.literal("threads"), count, module }),
  fields("an agent of kind processes", { kind: z.literal("processes"), count, module }),
] as const;

const agentSchema = z.discriminatedUnion("kind", agentForms, {
  error: (issue) => {
    const kind = (issue.input as { readonly kind?: unknown } | null)?.kind;
    return `expected an agent with a kind (${AGENT_KINDS.join(", ")}), got ${kind === undefined ? "none" : JSON.stringify(kind)}`;
  },
});

const onDependencyFailure = z
  .enum(["skip", "continue", "fail"], expected("skip, continue or fail"))
  .describe("When a task that it needs does not succeed: skip it, run it all the same, or stop the flow");
const cwd = filledText("the path of a folder").describe("Folder to run in, relative to the flow file");

const defaultsSchema = fields("defaults", {
  retries: retries.optional(),
  timeout: duration.optional(),
  priority: priority.optional(),
  env: environment.optional(),
  cwd: cwd.optional(),
  on_dependency_failure: onDependencyFailure.optional(),
});

const NEEDS = "the id of a task or a list of ids";
const forEach = z
  .union([z.array(z.json()), fields("for_each", { from: filledText("the id of a task"), lines: z.boolean(expected("true or false")).optional() })], expected("a list of values or { from: ID }"))
  .describe("One task for each value of a list, or for each element of the result of a task: { from: ID }");

const AMOUNT = "a whole number from 1 to 1000000";
const amounts = z.record(z.string().min(1), wholeNumber(AMOUNT, 1, 1_000_000));
const uses = z
  .union([z.string().min(1), z.array(filledText("the name of a resource")), amounts], expected("the name of a resource, a list of names, or a map from name to amount (a whole number from 1)"))
  .describe("Resources it uses while it runs: a name, names, or { name: amount }");

export const taskSchema = fields("a task", {
  run: commandLine.optional(),
  call: filledText('a handler ("./handlers.ts#name")').optional().describe("A TypeScript handler: ./module.ts#export"),
  with: z.json().optional().describe("Input of a call"),
  agent: filledText("the name of an agent").optional(),
  needs: z.union([z.string().min(1), z.array(filledText("the id of a task"))], expected(NEEDS)).optional().describe("Tasks that must end first"),
  for_each: forEach.optional(),
  priority: priority.optional(),
  retries: retries.optional(),
  timeout: duration.optional().describe("Longest time for one attempt"),
  due: when.optional().describe("When it should be done"),
  deadline: when.optional().describe("When it is given up if it is not done"),
  estimate: duration.optional().describe("How long it takes, as far as known"),
  key: filledText("a text").optional().describe("Idempotency key: a task with a key that is done is not run again"),
  limit: fields("limit", { key: filledText("a text"), max: wholeNumber("a whole number from 1 to 1000000", 1, 1_000_000).optional() })
    .optional()
    .describe("At most max (default 1) tasks with the same key at once"),
  uses: uses.optional(),
  env: environment.optional(),
  cwd: cwd.optional(),
  stdin: text('a text (a placeholder is written in quotes: "{needs.list}")').optional(),
  result: z.enum(RESULT_MODES, expected(RESULT_MODES.join(", "))).optional().describe("What of stdout is the result; default last-line"),
  on_dependency_failure: onDependencyFailure.optional(),
});

/** The file without its tasks checked. */
export const frameSchema = fields("the flow file", {
  name: filledText("a name").optional(),
  agents: z.record(z.string().min(1), agentSchema, expected("a map of agents by name")).optional(),
  vars: z
    .record(z.string().regex(/^[A-Za-z_][\w-]*$/, { error: "a variable's name has letters, digits, _ and - and begins with a letter" }), z.union([z.string(), z.number(), z.boolean()], expected("a text, a number, true or false")), expected("a map of variables"))
    .optional()
    .describe("Variables for {vars.NAME}; makespan run --set NAME=VALUE gives another value"),
  resources: z
    .record(z.string().min(1), wholeNumber(AMOUNT, 1, 1_000_000), expected("a map from the name of a resource to how much there is of it"))
    .optional()
    .describe("How much there is of what tasks use while they run, as in { gpu: 2, licence: 1 }"),
  defaults: defaultsSchema.optional(),
  tasks: z.record(z.string(), z.unknown(), expected("a map of tasks by id")),
});

export type Frame = z.infer<typeof frameSchema>;
export type TaskFields = z.infer<typeof taskSchema>;
export type AgentFields = z.infer<typeof agentSchema>;

/** JSON Schema (draft 2020-12) of a flow file, for editors. */
export function flowFileJsonSchema(): Record<string, unknown> {
  const whole = frameSchema.extend({ tasks: z.record(z.string().regex(TASK_ID), taskSchema).describe("Tasks by id") });
  const schema = z.toJSONSchema(whole, { io: "input", target: "draft-2020-12" });
  return { ...schema, title: "Makespan flow file" };
}

/** Letters, digits, `_ - . : /`, beginning with a letter or `_`. */
export const TASK_ID = /^[\p{L}_][\p{L}\p{N}_.:/-]*$/u;
