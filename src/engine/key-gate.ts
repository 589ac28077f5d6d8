/**
 * One submission at a time for each idempotency key. The core knows the keys of live tasks, the store those of all; between
 * asking the store and applying the submission no other one with the same key may come in between.
 */
export class KeyGate {
  readonly #busy = new Map<string, Promise<void>>();

  /** Resolves when all keys are this caller's; the function it gives lets the next one in. */
  async enter(keys: readonly string[]): Promise<() => void> {
    for (;;) {
      const before = keys.map((key) => this.#busy.get(key)).filter((promise) => promise !== undefined);
      if (before.length === 0) break;
      await Promise.all(before);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const key of keys) this.#busy.set(key, promise);
    return () => {
      for (const key of keys) this.#busy.delete(key);
      resolve();
    };
  }
}
