/**
 * Who a plan is made for: so many equal agents, or the groups of an agents file (YAML or JSON), which a simulation can use as well.
 */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { MakespanError } from "../../protocol/errors.ts";
import { expected, fields, filledText, wholeNumber } from "../../protocol/flow-file/fields.ts";
import type { PlanAgent } from "../../sim/plan/problem.ts";

export interface PlannedAgent extends PlanAgent {
  readonly name: string;
  /** Types that it can do; all when left out. */
  readonly types?: readonly string[];
}

const COUNT = "a whole number from 1 to 10000";
const speed = z.number(expected("a number over 0")).positive(expected("a number over 0"));
const any = z.unknown().optional();
const groupSchema = fields("a group of agents", {
  name: filledText("a name").optional(),
  count: wholeNumber(COUNT, 1, 10_000).optional(),
  slots: wholeNumber(COUNT, 1, 10_000).optional(),
  speed: speed.optional(),
  speeds: z.record(z.string(), speed, expected("a map from type to speed")).optional(),
  types: z.array(filledText("a type"), expected("a list of types")).optional(),
  // For simulations; a plan takes no notice of them.
  workers: any, weight: any, region: any, cost_per_hour: any, start_up: any, failures: any, attempt_failure_probability: any, slowdowns: any,
});
const fileSchema = z.array(groupSchema, expected("a list of groups of agents")).min(1, "there are no agents; expected at least one");

/** `count` agents of speed 1 with one slot each. */
export function equalAgents(count: number): readonly PlannedAgent[] {
  return Array.from({ length: count }, (_, index) => ({ name: `agent-${index + 1}`, slots: 1, speed: 1 }));
}

/** Throws `invalid_option` when the file is not there, `invalid_input` when something in it is wrong. */
export async function readAgentsFile(path: string): Promise<readonly PlannedAgent[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new MakespanError("invalid_option", `--agents takes a number from 1 or an agents file, and ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {}, { cause: error });
  }
  const result = fileSchema.safeParse(valueOf(path, text));
  if (!result.success) {
    const { path: place, message } = result.error.issues[0]!;
    throw new MakespanError("invalid_input", `${path}: ${place.length === 0 ? "" : `${place.join(".")}: `}${message}`);
  }
  return result.data.flatMap(({ name = "agent", count = 1, slots = 1, speed = 1, speeds, types }, group) =>
    Array.from({ length: count }, (_, index) => ({
      name: count === 1 && name !== "agent" ? name : `${name}-${name === "agent" ? `${group + 1}.` : ""}${index + 1}`,
      slots,
      speed,
      ...(speeds !== undefined && { speeds: new Map(Object.entries(speeds)) }),
      ...(types !== undefined && { types }),
    })),
  );
}

/** Indices of the agents that can do a type of tasks, one list a type; undefined when all can do everything. */
export function ableAgents(agents: readonly PlannedAgent[]): (type: string) => readonly number[] | undefined {
  if (agents.every(({ types }) => types === undefined)) return () => undefined;
  const lists = new Map<string, readonly number[]>();
  return (type) => {
    let list = lists.get(type);
    if (list === undefined) lists.set(type, (list = [...agents.keys()].filter((index) => agents[index]!.types?.includes(type) ?? true)));
    return list;
  };
}

/** The list of groups, which may lie under `agents:`. */
function valueOf(path: string, text: string): unknown {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new MakespanError("invalid_input", `${path}: not YAML or JSON: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`, {}, { cause: error });
  }
  return typeof value === "object" && value !== null && "agents" in value ? value.agents : value;
}
