/**
 * The Standard Workload Format of the Parallel Workloads Archive (Feitelson, version 2.2): comments after `;`, then eighteen numbers
 * a job, -1 for what is not known. A job is a task of its run time; its requested time is the estimate, its user the tenant, its
 * processors the size (a task takes one slot, however many they are). A job that waited for another has its think time.
 */
import { SimulationRefusal } from "../refusal.ts";
import type { TaskEntry } from "../workload/list.ts";
import type { LineReader } from "./line-reader.ts";

/** Places of the fields. */
const JOB = 0;
const SUBMIT = 1;
const RUN = 3;
const USED_PROCESSORS = 4;
const REQUESTED_PROCESSORS = 7;
const REQUESTED_TIME = 8;
const USER = 11;
const PRECEDING = 16;
const THINK = 17;
const FIELDS = 18;

export class SwfReader implements LineReader {
  #leftOut = 0;
  readonly #seen = new Set<number>();

  get notes(): readonly string[] {
    return this.#leftOut === 0 ? [] : [`${this.#leftOut} jobs have no run time (cancelled before they ran, or unknown): they were left out.`];
  }

  read(line: string, number: number): TaskEntry | undefined {
    const text = line.split(";", 1)[0]!.trim();
    if (text === "") return undefined;
    const fields = text.split(/\s+/).map(Number);
    if (fields.length < FIELDS - 2 || fields.some((value) => !Number.isFinite(value))) {
      throw new SimulationRefusal("invalid_input", `Line ${number}: expected the ${FIELDS} numbers of a job in the Standard Workload Format, got ${JSON.stringify(text.slice(0, 80))}.`, { line: number });
    }
    const arrivalS = fields[SUBMIT]!;
    if (arrivalS < 0) throw new SimulationRefusal("invalid_input", `Line ${number}: the submit time is a number of seconds, 0 or more, got ${arrivalS}.`, { line: number });
    if (fields[RUN]! < 0) {
      this.#leftOut += 1;
      return undefined;
    }
    const known = (place: number): number | undefined => (fields[place] === undefined || fields[place] < 0 ? undefined : fields[place]);
    const user = known(USER);
    const requestedS = known(REQUESTED_TIME);
    const preceding = known(PRECEDING);
    this.#seen.add(fields[JOB]!);
    return {
      id: String(fields[JOB]!),
      arrivalMs: arrivalS * 1000,
      serviceMs: fields[RUN]! * 1000,
      type: "job",
      tenant: user === undefined ? undefined : `user${user}`,
      estimateMs: requestedS === undefined || requestedS === 0 ? undefined : requestedS * 1000,
      size: known(REQUESTED_PROCESSORS) ?? known(USED_PROCESSORS),
      // A job that was left out cannot be waited for.
      ...(preceding !== undefined && this.#seen.has(preceding) && { needs: [String(preceding)], thinkMs: (known(THINK) ?? 0) * 1000 }),
      line: number,
    };
  }
}
