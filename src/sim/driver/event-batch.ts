/**
 * The events of an instant. The scheduler takes an array of just those. An array that is emptied gives its memory back and takes
 * new memory for the next event, so arrays of each length are kept and used again.
 */
import type { Event } from "../../core/event.ts";

const KEPT = 64;

export class EventBatch {
  readonly #events: Event[] = [];
  #count = 0;
  readonly #byLength: Event[][] = [];

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count = 0;
  }

  push(event: Event): void {
    this.#events[this.#count++] = event;
  }

  /** Good until the next call. */
  take(): readonly Event[] {
    const count = this.#count;
    if (count > KEPT) return this.#events.slice(0, count);
    const events = (this.#byLength[count] ??= new Array<Event>(count));
    for (let index = 0; index < count; index++) events[index] = this.#events[index]!;
    return events;
  }
}
