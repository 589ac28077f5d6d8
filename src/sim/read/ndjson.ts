/** Workloads as NDJSON: an object a line, with the fields by their names; unknown ones are left out, null is as good as absent. */
import { SimulationRefusal } from "../refusal.ts";
import type { TaskEntry } from "../workload/list.ts";
import { checkEntry, emptyEntry, FIELD_NAMES, refuseValue, setField } from "./fields.ts";
import type { LineReader } from "./line-reader.ts";

export class NdjsonReader implements LineReader {
  readonly notes: readonly string[] = [];

  read(line: string, number: number): TaskEntry | undefined {
    if (line.trim() === "") return undefined;
    const value = parsed(line, number);
    const draft = emptyEntry(number);
    for (const field of FIELD_NAMES) {
      const part = value[field];
      if (part === undefined || part === null) continue;
      if (typeof part === "string" || typeof part === "number" || Array.isArray(part)) setField(draft, field, part, number);
      else refuseValue({ line: number, field }, "a text, a number or a list", part);
    }
    return checkEntry(draft);
  }
}

function parsed(line: string, number: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new SimulationRefusal("invalid_input", `Line ${number}: is not JSON: ${error instanceof Error ? error.message : String(error)}.`, { line: number });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new SimulationRefusal("invalid_input", `Line ${number}: expected an object with arrival_s and service_s, got ${Array.isArray(value) ? "a list" : JSON.stringify(value)}.`, { line: number });
}
