/**
 * The schema of flow files, as people write them. The parser checks the file's frame and each task on its own, so that one bad
 * task does not hide the problems of the others; editors get the whole as JSON Schema.
 */
import { z } from "zod";
import { RESULT_MODES } from "../task-plan.ts";
import { commandLine, duration, environment, expected, fields, filledText, priority, retries, text, traits, when, wholeNumber } from "./fields.ts";

const SLOTS = "a whole number from 1 to 10000";
const modulePath = filledText("the path of a module (./handlers.ts)");
const AGENT_KINDS = ["command", "function", "threads", "processes"] as const;

const slots = wholeNumber(SLOTS, 1, 10_000).optional().describe("Tasks at once; default twice the number of cores");
const count = wholeNumber(SLOTS, 1, 10_000).optional().describe("Workers in the pool; default the number of cores");
const module = modulePath.optional().describe("Module of calls that name none");
const MORE_THAN_0 = "a number greater than 0";
const DISTANCE = "a number of at least 0";
const positive = z.number(expected(MORE_THAN_0)).gt(0, expected(MORE_THAN_0));
const atLeast0 = z.number(expected(DISTANCE)).min(0, expected(DISTANCE));
/** What balancers go by. */
const agentTraits = {
  speed: positive.optional().describe("How fast it works, compared with the others; default 1"),
  weight: positive.optional().describe("Its share under the balancer weighted; default 1"),
  region: filledText("the name of a region").optional().describe("Where it is, for the balancer nearest"),
  cost_per_hour: atLeast0.optional().describe("What an hour of one busy slot costs; default 0"),
};
const agentForms = [
  fields("an agent of kind command", { kind: z.literal("command"), slots, ...agentTraits }),
  fields("an agent of kind function", { kind: z.literal("function"), slots, module, ...agentTraits }),
  fields("an agent of kind threads", { kind: z.literal("threads"), count, module, ...agentTraits }),
  fields("an agent of kind processes", { kind: z.literal("processes"), count, module, ...agentTraits }),
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
  ...traits,
});

const IF_LATE = ["accept", "refuse", "downgrade"] as const;
const NEEDS = "the id of a task or a list of ids";
const forEach = z
  .union([z.array(z.json()), fields("for_each", { from: filledText("the id of a task"), lines: z.boolean(expected("true or false")).optional() })], expected("a list of values or { from: ID }"))
  .describe("One task for each value of a list, or for each element of the result of a task: { from: ID }");

const AMOUNT = "a whole number from 1 to 1000000";
const amounts = z.record(z.string().min(1), positive);
const uses = z
  .union([z.string().min(1), z.array(filledText("the name of a resource or limit")), amounts], expected("the name of a resource, a list of names, or a map from name to amount"))
  .describe("Resources and limits it uses while it runs: a name, names (one unit of each), or { name: amount }");

export const taskSchema = fields("a task", {
  run: commandLine.optional(),
  call: filledText('a handler ("./handlers.ts#name")').optional().describe("A TypeScript handler: ./module.ts#export"),
  with: z.json().optional().describe("Input of a call"),
  agent: z
    .union([z.string().min(1), z.array(filledText("the name of an agent")).min(1)], expected("the name of an agent or a list of names"))
    .optional()
    .describe("Who does it; of several, the balancer picks one"),
  region: filledText("the name of a region").optional().describe("Where it should run, for the balancer nearest"),
  needs: z.union([z.string().min(1), z.array(filledText("the id of a task"))], expected(NEEDS)).optional().describe("Tasks that must end first"),
  for_each: forEach.optional(),
  priority: priority.optional(),
  retries: retries.optional(),
  timeout: duration.optional().describe("Longest time for one attempt"),
  due: when.optional().describe("When it should be done"),
  deadline: when.optional().describe("When it is given up if it is not done"),
  if_late: z.enum(IF_LATE, expected(IF_LATE.join(", "))).optional().describe("When it cannot make its due date: accept it (default), refuse the run, or downgrade it to best effort"),
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
  ...traits,
});

/** The file without its tasks checked. */
export const frameSchema = fields("the flow file", {
  name: filledText("a name").optional(),
  balancer: filledText("a balancer (round-robin, earliest-finish, …)").optional().describe("How one of the agents that can do a task is picked; makespan run --balancer gives another one"),
  distances: z
    .record(z.string(), z.record(z.string(), atLeast0, expected("a map of distances by region")), expected("a map of regions"))
    .optional()
    .describe("How far regions are from each other, for the balancer nearest: { eu: { us: 90 } }"),
  policy: filledText("a policy (critical-path, sjf:aging=off)").optional().describe("What orders the tasks that are ready; makespan run --policy gives another one"),
  agents: z.record(z.string().min(1), agentSchema, expected("a map of agents by name")).optional(),
  vars: z
    .record(z.string().regex(/^[A-Za-z_][\w-]*$/, { error: "a variable's name has letters, digits, _ and - and begins with a letter" }), z.union([z.string(), z.number(), z.boolean()], expected("a text, a number, true or false")), expected("a map of variables"))
    .optional()
    .describe("Variables for {vars.NAME}; makespan run --set NAME=VALUE gives another value"),
  limits: z
    .record(z.string().min(1), z.union([atLeast0, z.string(), z.record(z.string(), z.unknown())], expected("a limit such as 4, 500/1m or budget:50/1d")), expected("a map of limits by name"))
    .optional()
    .describe("Limits that tasks use: 4 (slots), 500/1m (a rate), budget:50/1d, or { kind: window, units: 500, per: 1m }; makespan run --limit NAME=RULE gives another rule"),
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
