/**
 * Workloads as CSV: a heading, then a task a line. Columns that are named like fields are taken as they are, a mapping names others;
 * columns that are neither are left out. Separated by commas, or by what the heading has instead (semicolons, tabs).
 */
import { SimulationRefusal } from "../refusal.ts";
import type { TaskEntry } from "../workload/list.ts";
import { checkEntry, emptyEntry, FIELD_NAMES, REQUIRED_FIELDS, refuseValue, setField, type EntryDraft } from "./fields.ts";
import type { LineReader } from "./line-reader.ts";
import { AZURE_LLM, parseMapping, type Mapping } from "./mapping.ts";
import { parseTimestamp } from "./timestamp.ts";

interface Column {
  readonly field: string;
  /** A column as it is; undefined for a sum. */
  readonly index: number | undefined;
  readonly terms: readonly { readonly factor: number; readonly index: number | undefined; readonly name: string }[];
}

export class CsvReader implements LineReader {
  readonly notes: string[] = [];
  #mapping: Mapping | undefined;
  #separator = ",";
  #columns: readonly Column[] | undefined;
  #width = 0;
  /** Where arrivals are instants: the first, from which all are counted. */
  #firstS: number | undefined;

  /** @param mapping as `--map` takes it; without one the columns are named like fields, or are those of a trace that is known. */
  constructor(mapping?: readonly string[]) {
    this.#mapping = mapping === undefined ? undefined : parseMapping(mapping);
  }

  read(line: string, number: number): TaskEntry | undefined {
    if (this.#columns === undefined) {
      if (line.trim() !== "") this.#columns = this.#readHeading(line.replace(/^\uFEFF/, ""));
      return undefined;
    }
    if (line.trim() === "") return undefined;
    const cells = splitCells(line, this.#separator, number);
    if (cells.length !== this.#width) {
      throw new SimulationRefusal("invalid_input", `Line ${number}: has ${cells.length} columns where the heading has ${this.#width}.`, { line: number });
    }
    const draft = emptyEntry(number);
    for (const column of this.#columns) this.#setColumn(draft, column, cells, number);
    return checkEntry(draft);
  }

  #setColumn(draft: EntryDraft, { field, index, terms }: Column, cells: readonly string[], line: number): void {
    if (index === undefined) {
      setField(draft, field, this.#sum(terms, cells, line, field), line);
      return;
    }
    const cell = cells[index]!;
    if (cell === "") return;
    const instantS = field.endsWith("_s") && cell.includes(":") ? parseTimestamp(cell) : undefined;
    setField(draft, field, instantS === undefined ? cell : this.#sinceFirst(instantS, field), line);
  }

  /** Instants count from that of the first task. */
  #sinceFirst(instantS: number, field: string): number {
    if (field === "arrival_s") this.#firstS ??= instantS;
    return instantS - (this.#firstS ?? instantS);
  }

  #sum(terms: Column["terms"], cells: readonly string[], line: number, field: string): number {
    let sum = 0;
    for (const { factor, index, name } of terms) {
      const cell = index === undefined ? "1" : cells[index]!;
      const value = cell.trim() === "" ? Number.NaN : Number(cell);
      if (!Number.isFinite(value)) refuseValue({ line, field }, `computed from ${name}, a number`, cell);
      sum += factor * value;
    }
    return sum;
  }

  #readHeading(line: string): readonly Column[] {
    this.#separator = line.includes(",") ? "," : line.includes(";") ? ";" : line.includes("\t") ? "\t" : ",";
    const names = splitCells(line, this.#separator, 1).map((name) => name.trim());
    this.#width = names.length;
    if (this.#mapping === undefined && ["TIMESTAMP", "ContextTokens", "GeneratedTokens"].every((name) => names.includes(name))) {
      this.#mapping = parseMapping(AZURE_LLM);
      this.notes.push(`The columns are those of the Azure LLM trace, read as --map ${AZURE_LLM.join(",")}.`);
    }
    const mapped = (this.#mapping ?? []).map(({ field, terms }): Column => {
      const found = terms.map(({ factor, column }) => ({ factor, name: column ?? String(factor), index: column === undefined ? undefined : indexOf(names, column) }));
      const [first] = found;
      return { field, index: found.length === 1 && first!.factor === 1 ? first!.index : undefined, terms: found };
    });
    const own = names.flatMap((field, index) => (FIELD_NAMES.includes(field) && !mapped.some((column) => column.field === field) ? [{ field, index, terms: [] }] : []));
    // Arrivals first: other instants count from that of the first task.
    const columns = [...mapped, ...own].sort((a, b) => Number(b.field === "arrival_s") - Number(a.field === "arrival_s"));
    const missing = REQUIRED_FIELDS.filter((field) => !columns.some((column) => column.field === field));
    if (missing.length > 0) {
      throw new SimulationRefusal("invalid_input", `Line 1: there is no column ${missing.join(" and no ")}; the columns are ${names.join(", ")}. Name others with --map, as in --map ${missing[0]}=${names[0]}.`, { line: 1, missing });
    }
    return columns;
  }
}

function indexOf(names: readonly string[], column: string): number {
  const index = names.indexOf(column);
  if (index !== -1) return index;
  throw new SimulationRefusal("invalid_input", `Line 1: there is no column ${JSON.stringify(column)}, which the mapping names; the columns are ${names.join(", ")}.`, { line: 1 });
}

/** The cells of a line; quoted ones may hold separators, and quotes written twice. */
function splitCells(line: string, separator: string, number: number): readonly string[] {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  if (!text.includes('"')) return text.split(separator);
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let end = at + 1;
      let cell = "";
      for (;;) {
        const quote = text.indexOf('"', end);
        if (quote === -1) throw new SimulationRefusal("invalid_input", `Line ${number}: a quote is not closed; a task takes one line.`, { line: number });
        cell += text.slice(end, quote);
        end = quote + 1;
        if (text[end] !== '"') break;
        cell += '"';
        end += 1;
      }
      cells.push(cell);
      at = end;
    } else {
      const end = text.indexOf(separator, at);
      cells.push(text.slice(at, end === -1 ? text.length : end));
      at = end === -1 ? text.length : end;
    }
    if (at >= text.length) return cells;
    if (text[at] !== separator) throw new SimulationRefusal("invalid_input", `Line ${number}: something follows a closing quote; quotes in a cell are written twice.`, { line: number });
    at += 1;
  }
}
