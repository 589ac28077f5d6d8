/**
 * Calls that wait for a turn, told when the engine stops first. A bag and not a Set: a Set that calls pass through grows into
 * new tables, and an old one keeps alive what was in it (a call: its whole submission) until the next full collection.
 */
import { Bag, type BagItem } from "../core/struct/bag.ts";

interface OpenCall extends BagItem {
  readonly reject: (error: Error) => void;
}

export class OpenCalls {
  readonly #calls = new Bag<OpenCall>();

  /** Resolves with what `begin` hands to `end`, which it calls once at most. */
  open<Value>(begin: (end: (value: Value) => void) => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      const call: OpenCall = { bagIndex: -1, reject };
      this.#calls.add(call);
      begin((value) => {
        if (call.bagIndex !== -1) this.#calls.delete(call);
        resolve(value);
      });
    });
  }

  rejectAll(error: Error): void {
    for (const call of this.#calls) {
      this.#calls.delete(call);
      call.reject(error);
    }
  }
}
