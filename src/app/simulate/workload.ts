/**
 * Opens a workload by name: a file (CSV, NDJSON, SWF, WfFormat, each gzipped or not, or a store file of Makespan) or a generator. A
 * file of lines is read once to check every line; if it is short, or its tasks need each other or are not in order, it stays in
 * memory, and otherwise it is read again for each simulation, as it goes, in memory that does not grow with the file.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { LimitRule } from "../../core/limits/rule.ts";
import { didYouMean } from "../../protocol/did-you-mean.ts";
import { MakespanError } from "../../protocol/errors.ts";
import { CsvReader, generate, isGenerator, NdjsonReader, parseWfFormat, SwfReader, TaskList, type AgentGroup, type LineReader, type TaskEntry, type Workload } from "../../sim/index.ts";
import { GENERATOR_SUMMARIES } from "../../sim/generate/generators.ts";
import { DEFAULT_TYPE } from "../../sim/workload/task.ts";
import { readHistory } from "./history.ts";
import { fileStart, linesOf, textOf } from "./lines.ts";
import { refusing, toMakespanError } from "./refusals.ts";

/** Files with up to this many tasks stay in memory. */
const IN_MEMORY = 200_000;
/** More types than this are no types. */
const TYPES_MAX = 10_000;

export interface StreamedTasks {
  readonly types: readonly string[];
  readonly taskCount: number;
  /** The tasks from the first on, in batches. */
  read(): AsyncGenerator<readonly TaskEntry[], void, undefined>;
}

export interface OpenWorkload {
  readonly name: string;
  readonly taskCount: number | undefined;
  readonly notes: readonly string[];
  readonly tasks: { readonly kind: "workload"; readonly workload: Workload } | { readonly kind: "stream"; readonly stream: StreamedTasks };
  /** The fleet that a store file recorded, and the limits that are declared in it. */
  readonly agents?: readonly AgentGroup[];
  readonly limits?: Readonly<Record<string, LimitRule>>;
}

export interface OpenWorkloadOptions {
  /** Columns of a CSV file to fields, as `--map` takes them. */
  readonly map?: readonly string[] | undefined;
  /** Relative paths start here; default the current folder. */
  readonly folder?: string;
  /** How many tasks of a file stay in memory; default 200,000. */
  readonly inMemory?: number;
}

/** Throws a `MakespanError` that names file and line when the workload is not as it should be. */
export async function openWorkload(text: string, { map, folder = process.cwd(), inMemory = IN_MEMORY }: OpenWorkloadOptions = {}): Promise<OpenWorkload> {
  const path = resolve(folder, text);
  if (!existsSync(path)) {
    if (isGenerator(text)) return ofWorkload(refusing(() => generate(text)));
    const names = GENERATOR_SUMMARIES.map(([name]) => name);
    const guess = didYouMean(text.split(":", 1)[0] ?? "", names);
    throw new MakespanError("invalid_input", `${text}: there is no such file, and no generator of that name; generators are ${names.join(", ")}${guess === "" ? "." : guess}`, { file: text });
  }
  const { bytes, isGzip } = await fileStart(path, 512);
  if (bytes.toString("latin1").startsWith("SQLite format 3\0")) {
    const { entries, agents, limits, notes } = readHistory(path);
    const list = refusing(() => new TaskList(entries, text), text);
    return { ...ofWorkload(list), notes: [...notes, ...list.notes], agents, limits };
  }
  if (/\.json(?:\.gz)?$/i.test(path)) {
    const content = await textOf(path, isGzip);
    return ofWorkload(refusing(() => new TaskList(parseWfFormat(content), text), text));
  }
  return openLines(text, path, isGzip, () => refusing(() => createReader(path, map)), inMemory);
}

function ofWorkload(workload: Workload): OpenWorkload {
  const { name, taskCount, notes } = workload;
  return { name, taskCount, notes, tasks: { kind: "workload", workload } };
}

function createReader(path: string, map: readonly string[] | undefined): LineReader {
  if (/\.(?:ndjson|jsonl)(?:\.gz)?$/i.test(path)) return new NdjsonReader();
  return /\.swf(?:\.gz)?$/i.test(path) ? new SwfReader() : new CsvReader(map);
}

async function openLines(name: string, path: string, isGzip: boolean, create: () => LineReader, inMemory: number): Promise<OpenWorkload> {
  const read = (reader: LineReader): AsyncGenerator<readonly TaskEntry[], void, undefined> => entriesOf(name, path, isGzip, reader);
  const reader = create();
  const scan = await scanned(read(reader), inMemory);
  if (scan.count === 0) throw new MakespanError("invalid_input", `${name}: has no tasks.`, { file: name });
  if (scan.kept === undefined && !scan.needsMemory) {
    const stream: StreamedTasks = { types: scan.types, taskCount: scan.count, read: () => read(create()) };
    return { name, taskCount: scan.count, notes: reader.notes, tasks: { kind: "stream", stream } };
  }
  const entries = scan.kept ?? (await collected(read(create())));
  const list = refusing(() => new TaskList(entries, name), name);
  return { ...ofWorkload(list), notes: [...reader.notes, ...list.notes] };
}

async function* entriesOf(name: string, path: string, isGzip: boolean, reader: LineReader): AsyncGenerator<readonly TaskEntry[], void, undefined> {
  let number = 0;
  for await (const lines of linesOf(path, isGzip)) {
    const entries: TaskEntry[] = [];
    try {
      for (const line of lines) {
        number += 1;
        const entry = reader.read(line, number);
        if (entry !== undefined) entries.push(entry);
      }
    } catch (error) {
      throw toMakespanError(error, name);
    }
    if (entries.length > 0) yield entries;
  }
}

interface Scan {
  readonly count: number;
  readonly types: readonly string[];
  /** Tasks need each other, wait for each other, or are not in order. */
  readonly needsMemory: boolean;
  /** All tasks, if they were few enough. */
  readonly kept: readonly TaskEntry[] | undefined;
}

/** Every line is checked before the first task is simulated. */
async function scanned(batches: AsyncIterable<readonly TaskEntry[]>, inMemory: number): Promise<Scan> {
  const types = new Set<string>();
  let kept: TaskEntry[] | undefined = [];
  let count = 0;
  let lastMs = 0;
  let needsMemory = false;
  for await (const batch of batches) {
    for (const entry of batch) {
      count += 1;
      if (types.size < TYPES_MAX) types.add(entry.type ?? DEFAULT_TYPE);
      if (entry.arrivalMs < lastMs || entry.needs !== undefined || entry.thinkMs !== undefined) needsMemory = true;
      lastMs = entry.arrivalMs;
    }
    if (count > inMemory) kept = undefined;
    else if (kept !== undefined) for (const entry of batch) kept.push(entry);
  }
  if (types.size >= TYPES_MAX) throw new MakespanError("invalid_input", `More than ${TYPES_MAX} types of tasks: a type is a kind of work, not a task.`);
  return { count, types: [...types], needsMemory, kept };
}

async function collected(batches: AsyncIterable<readonly TaskEntry[]>): Promise<readonly TaskEntry[]> {
  const all: TaskEntry[] = [];
  for await (const batch of batches) for (const entry of batch) all.push(entry);
  return all;
}
