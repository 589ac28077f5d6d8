/**
 * What the commands of a list write, passed on as GNU parallel does: the output of each task together, when it has ended, its
 * stdout to stdout and its stderr to stderr, so that a list can stand in a pipe.
 */
import type { CliContext } from "../command.ts";

interface Group {
  stdout: string;
  stderr: string;
}

export class OutputGroups {
  readonly #context: CliContext;
  readonly #open = new Map<number, Group>();

  constructor(context: CliContext) {
    this.#context = context;
  }

  line(id: number, stream: "stdout" | "stderr", text: string): void {
    let group = this.#open.get(id);
    if (group === undefined) {
      group = { stdout: "", stderr: "" };
      this.#open.set(id, group);
    }
    group[stream] += `${text}\n`;
  }

  /** The task has ended: its output is written. `above` writes text above a live view on the same terminal. */
  settled(id: number, above: ((text: string) => void) | undefined): void {
    const group = this.#open.get(id);
    if (group === undefined) return;
    this.#open.delete(id);
    this.#write(this.#context.err, group.stderr, above);
    this.#write(this.#context.out, group.stdout, above);
  }

  #write(output: CliContext["out"], text: string, above: ((text: string) => void) | undefined): void {
    if (text === "") return;
    // On a terminal the live view owns the last lines: what it prints goes above them.
    if (above !== undefined && output.isTerminal) above(text);
    else void output.write(text);
  }
}
