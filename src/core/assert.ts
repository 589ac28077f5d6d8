/** The one assertion of the project: a broken invariant is a bug, and going on would make it worse. Always on. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${sentence}`);
}
