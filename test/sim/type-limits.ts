/** Which limit of a type holds for an attempt, as far as a client can know: what was acknowledged before, and what was asked since. */
interface Change {
  readonly limit: number;
  /** Commits that had been sent when it was acknowledged; undefined while it is under way. */
  ackedAt: number | undefined;
}

export class TypeLimits {
  readonly #changes = new Map<string, Change[]>();

  /** Returns what to call when the engine has acknowledged the change. */
  asked(life: number, type: string, limit: number | null): (sentCount: number) => void {
    const change: Change = { limit: limit ?? Infinity, ackedAt: undefined };
    const name = `${life}:${type}`;
    const changes = this.#changes.get(name) ?? [{ limit: Infinity, ackedAt: 0 }];
    changes.push(change);
    this.#changes.set(name, changes);
    return (sentCount) => (change.ackedAt = sentCount);
  }

  /** The greatest limit that may have held when commit number `sent` was made. */
  of(life: number, type: string, sent: number): number {
    const changes = this.#changes.get(`${life}:${type}`);
    if (changes === undefined) return Infinity;
    const since = changes.findLastIndex(({ ackedAt }) => ackedAt !== undefined && ackedAt < sent);
    return Math.max(...changes.slice(Math.max(0, since)).map(({ limit }) => limit));
  }
}
