/**
 * A hash over every decision to start a task: which task, on which agent, when. Two runs with the same hash decided alike.
 * Two lanes of 32 bits, mixed as in MurmurHash3 (Appleby 2011), over the bits of the instant: the same on every machine.
 */
const view = new DataView(new ArrayBuffer(8));

export class DecisionsHash {
  #a = 0x2545f491;
  #b = 0x6a09e667;

  add(taskId: number, agentId: number, at: number): void {
    view.setFloat64(0, at);
    this.#a = mix(this.#a, taskId | 0, view.getInt32(0));
    this.#b = mix(this.#b, agentId ^ Math.floor(taskId / 4294967296), view.getInt32(4));
  }

  /** Sixteen hexadecimal digits. */
  toString(): string {
    const a = mix(this.#a, this.#b, 1);
    const b = mix(this.#b, this.#a, 2);
    return hex(a) + hex(b);
  }
}

function mix(hash: number, first: number, second: number): number {
  let h = Math.imul(hash ^ first, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ second, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
