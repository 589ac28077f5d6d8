/** Reads the beginning of a list before the run starts: one that is wrong from its first line is refused with nothing made for it. */

/** The same items. Resolves when the first has come, or the end; rejects with what reading it throws. */
export async function readAhead<T>(items: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = items[Symbol.asyncIterator]();
  return goOn(await iterator.next(), iterator);
}

async function* goOn<T>(first: IteratorResult<T>, iterator: AsyncIterator<T>): AsyncGenerator<T, void, undefined> {
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
