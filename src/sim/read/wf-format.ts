/**
 * WfFormat, the JSON of the WfCommons project for recorded workflows (Coleman et al. 2022): tasks with parents and children, and how
 * long each ran. All of a workflow arrives at once. Reads versions 1.4 and 1.5 (specification and execution apart) and the flat
 * ones before.
 */
import { SimulationRefusal } from "../refusal.ts";
import type { TaskEntry } from "../workload/list.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The tasks of a workflow; types are the names of the programs, estimates the recorded runtimes. Throws a refusal. */
export function parseWfFormat(text: string): readonly TaskEntry[] {
  const root = fieldsOf(parsed(text), "the file");
  const workflow = fieldsOf(root["workflow"], "workflow");
  const specification = workflow["specification"] === undefined ? workflow : fieldsOf(workflow["specification"], "workflow.specification");
  const tasks = listOf(specification["tasks"] ?? specification["jobs"], "the list of tasks");
  const runtimes = runtimesOf(workflow);
  const byName = new Map<string, string>();
  const nodes = tasks.map((task, index) => {
    const what = `task ${index + 1}`;
    const name = textOf(task["name"], `the name of ${what}`);
    const id = task["id"] === undefined ? name : textOf(task["id"], `the id of ${what}`);
    byName.set(name, id);
    return { id, name, task };
  });
  const ids = new Set(nodes.map(({ id }) => id));
  const idOf = (reference: unknown): string => {
    const text = String(reference);
    return ids.has(text) ? text : (byName.get(text) ?? text);
  };
  const needs = new Map<string, Set<string>>(nodes.map(({ id }) => [id, new Set()]));
  for (const { id, task } of nodes) {
    for (const parent of valuesOf(task["parents"])) needs.get(id)!.add(idOf(parent));
    for (const child of valuesOf(task["children"])) needs.get(idOf(child))?.add(id);
  }
  return nodes.map(({ id, name, task }) => {
    const seconds = runtimes.get(id) ?? runtimes.get(name) ?? task["runtimeInSeconds"] ?? task["runtime"];
    if (typeof seconds !== "number" || !(seconds >= 0) || seconds === Infinity) throw refuse(`the runtime of ${id} is a number of seconds, 0 or more, got ${JSON.stringify(seconds)}`);
    return { id, type: programOf(name), arrivalMs: 0, serviceMs: seconds * 1000, estimateMs: seconds * 1000, needs: [...needs.get(id)!] };
  });
}

function runtimesOf(workflow: Fields): ReadonlyMap<string, unknown> {
  const execution = workflow["execution"];
  if (execution === undefined) return new Map();
  const tasks = listOf(fieldsOf(execution, "workflow.execution")["tasks"], "workflow.execution.tasks");
  return new Map(tasks.map((task, index) => [textOf(task["id"] ?? task["name"], `the id of execution ${index + 1}`), task["runtimeInSeconds"] ?? task["runtime"]]));
}

/** `mProject_ID0000004` and `BOWTIE2_ALIGN_9` without the number of the task. */
function programOf(name: string): string {
  const program = name.replace(/(?:_ID)?_?\d+$/i, "");
  return program === "" ? name : program;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse(`the file is JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw refuse(`${what} is an object, got ${value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60)}`);
}

function listOf(value: unknown, what: string): readonly Fields[] {
  if (Array.isArray(value)) return value.map((part) => fieldsOf(part, `each of ${what}`));
  throw refuse(`${what} is a list, got ${value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60)}`);
}

function valuesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown, what: string): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw refuse(`${what} is a text, got ${JSON.stringify(value)}`);
}

function refuse(expected: string): SimulationRefusal {
  return new SimulationRefusal("invalid_input", `WfFormat: ${expected}.`);
}
