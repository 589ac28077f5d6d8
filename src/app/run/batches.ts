/** Groups a stream: full batches while the source is fast, and whatever is there when it pauses, so that nothing waits for a full one. */

/** @param waitMs how long a batch that is not full waits for more */
export async function* batches<T>(source: AsyncIterable<T>, size: number, waitMs: number): AsyncGenerator<T[]> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const first = await next;
      if (first.done === true) return;
      const batch = [first.value];
      next = iterator.next();
      const pause = pauseOf(waitMs);
      while (batch.length < size) {
        const more = await Promise.race([next, pause.over]);
        if (more === undefined || more.done === true) break;
        batch.push(more.value);
        next = iterator.next();
      }
      pause.cancel();
      yield batch;
    }
  } finally {
    // A failure of the source that nobody waits for any more must not end the process.
    next.catch(() => {});
    await iterator.return?.();
  }
}

function pauseOf(ms: number): { readonly over: Promise<undefined>; cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  return {
    over: promise,
    cancel() {
      clearTimeout(timer);
      resolve(undefined);
    },
  };
}
