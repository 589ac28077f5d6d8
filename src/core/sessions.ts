/**
 * What sessions have been served, for policies that favour those which have had least. A session that a task names lives longer than
 * its tasks (the next call of a chat comes when the last one is done), so the ones heard of last are remembered, a bounded number.
 */

/** Named sessions remembered; beyond it the one that was served longest ago is forgotten, and starts anew if it comes back. */
const REMEMBERED_SESSIONS = 100_000;

export class Sessions {
  readonly #attainedMs = new Map<string, number>();

  attainedMs(name: string): number {
    return this.#attainedMs.get(name) ?? 0;
  }

  serve(name: string, ms: number): void {
    const before = this.attainedMs(name);
    // Deleted first, so that it goes to the end: the map's order is that of the last service.
    this.#attainedMs.delete(name);
    this.#attainedMs.set(name, before + ms);
    if (this.#attainedMs.size <= REMEMBERED_SESSIONS) return;
    for (const oldest of this.#attainedMs.keys()) {
      this.#attainedMs.delete(oldest);
      break;
    }
  }
}
