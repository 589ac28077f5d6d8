/** Reads a workload file line by line: each call gives the task of a line, or nothing for a heading, a comment or an empty line. */
import type { TaskEntry } from "../workload/list.ts";

export interface LineReader {
  /** Throws a refusal that names the line when it is not as it should be. */
  read(line: string, number: number): TaskEntry | undefined;
  /** What was noticed so far and should be said: lines left out, a mapping that was recognised. */
  readonly notes: readonly string[];
}
