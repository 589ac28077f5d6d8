/**
 * Sessions as wholes: how long they lasted and how much they were slowed. One that its workload says has ended is forgotten at
 * once; the others wait in memory for the end of the run, at most 100,000 of them.
 */
import { Sketch } from "../../core/struct/sketch.ts";
import type { SessionsResult } from "./result.ts";
import { spreadOf } from "./tally.ts";

const KEPT_APART = 100_000;

interface OpenSession {
  tasks: number;
  sojournMs: number;
  workMs: number;
  firstReleaseAt: number;
  lastEndAt: number;
}

export class Sessions {
  readonly #open = new Map<string, OpenSession>();
  readonly #tasks = new Sketch();
  readonly #duration = new Sketch();
  readonly #slowdown = new Sketch();
  #notKept = 0;

  /** A task of a session completed. */
  add(name: string, releasedAt: number, endedAt: number, workMs: number): void {
    let session = this.#open.get(name);
    if (session === undefined) {
      if (this.#open.size >= KEPT_APART) {
        this.#notKept += 1;
        return;
      }
      session = { tasks: 0, sojournMs: 0, workMs: 0, firstReleaseAt: releasedAt, lastEndAt: endedAt };
      this.#open.set(name, session);
    }
    session.tasks += 1;
    session.sojournMs += endedAt - releasedAt;
    session.workMs += workMs;
    session.firstReleaseAt = Math.min(session.firstReleaseAt, releasedAt);
    session.lastEndAt = Math.max(session.lastEndAt, endedAt);
  }

  /** No task of the session comes any more. */
  close(name: string): void {
    const session = this.#open.get(name);
    if (session === undefined) return;
    this.#open.delete(name);
    this.#tasks.record(session.tasks);
    this.#duration.record(session.lastEndAt - session.firstReleaseAt);
    if (session.workMs > 0) this.#slowdown.record(session.sojournMs / session.workMs);
  }

  /** Closes all that is open; null when there were no sessions. */
  result(): SessionsResult | null {
    for (const name of this.#open.keys()) this.close(name);
    if (this.#tasks.count === 0) return null;
    return {
      sessions: this.#tasks.count,
      tasks_per_session: spreadOf(this.#tasks),
      duration_ms: spreadOf(this.#duration),
      slowdown: spreadOf(this.#slowdown),
      tasks_not_kept_apart: this.#notKept,
    };
  }
}
