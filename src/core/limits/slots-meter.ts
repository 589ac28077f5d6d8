/** Counts what is in use now. What an attempt really used makes no difference: it had its slots to itself while it ran. */
import type { Instant } from "../task.ts";
import type { Meter } from "./meter.ts";
import type { Micros } from "./micros.ts";

export class SlotsMeter implements Meter {
  #inUse: Micros = 0;

  taken(): Micros {
    return this.#inUse;
  }

  reserve(amount: Micros): undefined {
    this.#inUse += amount;
  }

  settle(_entry: undefined, amount: Micros): void {
    this.#inUse -= amount;
  }

  roomAt(amount: Micros, _now: Instant, capacityAt: (micros: Micros) => Instant): Instant {
    return capacityAt(this.#inUse + amount);
  }

  usage(): undefined {}

  load(): void {}
}
