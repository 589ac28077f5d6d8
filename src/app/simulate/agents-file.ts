/**
 * The agents of a simulation from a file, YAML or JSON: a list of groups, or an object with one under `agents` and what holds for all of
 * them (distances between regions, limits). Times are seconds.
 */
import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { MakespanError } from "../../protocol/errors.ts";
import { readLimitRule } from "../../protocol/limit-rule.ts";
import type { AgentGroup, SimulateOptions } from "../../sim/index.ts";

const positive = z.number().positive();
const probability = z.number().min(0).max(1);

const groupSchema = z.strictObject({
  name: z.string().min(1).optional(),
  count: z.int().min(0).optional(),
  slots: z.int().min(1).optional(),
  workers: z.int().min(1).optional(),
  speed: positive.optional(),
  speeds: z.record(z.string(), positive).optional(),
  types: z.array(z.string().min(1)).min(1).optional(),
  weight: positive.optional(),
  region: z.string().min(1).optional(),
  cost_per_hour: z.number().min(0).optional(),
  start_up_s: z.number().min(0).optional(),
  failures: z.strictObject({ mean_time_between_s: positive, mean_repair_s: positive }).optional(),
  attempt_failure_probability: probability.optional(),
  slowdowns: z.strictObject({ probability, factor: positive }).optional(),
});

const groupsSchema = z.array(groupSchema).min(1);
const fileSchema = z.union([
  groupsSchema,
  z.strictObject({
    agents: groupsSchema,
    distances: z.record(z.string(), z.record(z.string(), z.number().min(0))).optional(),
    type_limits: z.record(z.string(), z.int().min(1)).optional(),
    limits: z.record(z.string().min(1), z.unknown()).optional(),
  }),
]);

/** What a file of agents says: groups, and how far their regions are from each other. */
export type AgentsFile = Pick<SimulateOptions, "distances" | "typeLimits" | "limits"> & { readonly agents: readonly AgentGroup[] };

/** Throws `invalid_input` that says what is wrong where. */
export function readAgentsFile(path: string, name = path): AgentsFile {
  const checked = fileSchema.safeParse(contentOf(path, name));
  if (!checked.success) throw new MakespanError("invalid_input", `${name}: ${problemsOf(checked.error.issues).join("; ")}.`, { file: name });
  if (Array.isArray(checked.data)) return { agents: checked.data.map(toGroup) };
  const { agents, distances, type_limits: typeLimits, limits } = checked.data;
  return { agents: agents.map(toGroup), ...(distances !== undefined && { distances }), ...(typeLimits !== undefined && { typeLimits }), ...(limits !== undefined && { limits: rulesOf(limits, name) }) };
}

function rulesOf(limits: Readonly<Record<string, unknown>>, file: string): NonNullable<SimulateOptions["limits"]> {
  return Object.fromEntries(
    Object.entries(limits).map(([name, value]) => {
      const reading = readLimitRule(value);
      if (reading.kind === "rule") return [name, reading.rule];
      throw new MakespanError("invalid_input", `${file}: limits.${name}: ${reading.problem}.`, { file });
    }),
  );
}

function contentOf(path: string, name: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file; give a number of agents, or a file" : code === "EISDIR" ? "it is a folder" : String(error);
    throw new MakespanError("invalid_input", `${name}: ${reason}.`, { file: name }, { cause: error });
  }
  try {
    return parseYaml(text);
  } catch (error) {
    throw new MakespanError("invalid_input", `${name}: is neither YAML nor JSON: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}.`, { file: name }, { cause: error });
  }
}

/** Of a union, what is wrong with the form that was meant: the one whose problems lie deepest. */
function problemsOf(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[] = []): readonly string[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === "invalid_union") {
      const depth = (branch: readonly z.core.$ZodIssue[]): number => Math.max(0, ...branch.map((inner) => inner.path.length + (inner.code === "unrecognized_keys" ? 1 : 0)));
      const [meant] = issue.errors.toSorted((a, b) => depth(b) - depth(a));
      if (meant !== undefined && depth(meant) > 0) return problemsOf(meant, path);
      return ["expected a list of groups of agents, or an object with one under agents"];
    }
    return [path.length === 0 ? issue.message : `${path.map(String).join(".")}: ${issue.message}`];
  });
}

function toGroup(group: z.infer<typeof groupSchema>): AgentGroup {
  const { cost_per_hour: costPerHour, start_up_s: startUpS, failures, attempt_failure_probability: attemptFailureProbability, ...same } = group;
  return defined<AgentGroup>({
    ...same,
    costPerHour,
    startUpMs: startUpS === undefined ? undefined : startUpS * 1000,
    failures: failures === undefined ? undefined : { meanTimeBetweenMs: failures.mean_time_between_s * 1000, meanRepairMs: failures.mean_repair_s * 1000 },
    attemptFailureProbability,
  });
}

/** Without what is undefined: absent and undefined are not the same to the simulator. */
function defined<T extends object>(value: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
