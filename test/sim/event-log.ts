/** What happened in a run, line by line: a hash of all of it, to compare two runs of one seed, and the last lines for people. */
import { createHash } from "node:crypto";
import type { VirtualTime } from "./virtual-clock.ts";
import { START } from "./virtual-clock.ts";

const BATCH_CHARS = 16_384;

export class EventLog {
  lines = 0;
  readonly #time: VirtualTime;
  readonly #keep: number;
  readonly #tail: string[] = [];
  readonly #hash = createHash("sha256");
  #batch = "";

  /** @param keep how many of the last lines are kept */
  constructor(time: VirtualTime, keep: number) {
    this.#time = time;
    this.#keep = keep;
  }

  add(text: string): void {
    const line = `${((this.#time.now - START) / 1000).toFixed(3)} ${text}\n`;
    this.lines += 1;
    this.#batch += line;
    if (this.#batch.length > BATCH_CHARS) this.#flush();
    this.#tail.push(line);
    if (this.#tail.length > 2 * this.#keep) this.#tail.splice(0, this.#keep);
  }

  get tail(): string {
    return this.#keep === 0 ? "" : this.#tail.slice(-this.#keep).join("");
  }

  digest(): string {
    this.#flush();
    return this.#hash.copy().digest("hex");
  }

  #flush(): void {
    this.#hash.update(this.#batch);
    this.#batch = "";
  }
}
