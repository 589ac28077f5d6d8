/** Those who watch the engine: told of each turn when it is durable, and of what happens to running attempts in between. */
import type { Event, Turn } from "../core/event.ts";
import { factOf } from "./facts.ts";
import type { Note, Observer } from "./types.ts";

export class Observers {
  readonly #all = new Set<Observer>();

  /** Returns how to stop observing. */
  add(observer: Observer): () => void {
    this.#all.add(observer);
    return () => this.#all.delete(observer);
  }

  tell(turn: Turn, at: number): void {
    if (this.#all.size === 0) return;
    if (turn.notices.length > 0) for (const observer of this.#all) observer.risks?.(turn.notices, at);
    if (turn.changes.length === 0) return;
    const facts = turn.changes.map(factOf);
    for (const observer of this.#all) observer.facts?.(facts, at);
  }

  /** An event was refused as stale: it came from an attempt that its task has moved on from. */
  noteStale(event: Event): void {
    if ("attempt" in event) this.note({ kind: "stale", id: event.id, attempt: event.attempt, report: event.kind });
  }

  note(note: Note): void {
    for (const observer of this.#all) observer.note?.(note);
  }
}
