/**
 * Sessions that tasks name, and what they have been served, for policies that favour those which have had least. A session lives longer than its
 * tasks (the next call of a chat comes when the last one is done): without live tasks it is remembered, of such a bounded number.
 */
import { assert } from "./assert.ts";
import type { SessionLine } from "./session-line.ts";

/** Sessions without tasks that are remembered at least; when there are twice as many, those that lost their last task longest ago are forgotten, and start anew if they come back. */
const REMEMBERED_SESSIONS = 100_000;

/** What tasks share their service with: a session, or their flow. */
export interface Served {
  /** Service that its tasks have had, in ms, attempts under way left out. */
  attainedMs: number;
  /** Where its tasks wait, once any has waited in a lane that looks at sessions: the first of its lines, one for each lane. They may be empty. */
  line: SessionLine | undefined;
}

export interface Session extends Served {
  readonly name: string;
  /** Tasks of it that are held in memory. */
  tasks: number;
  /** When it lost its last task, counted in such losses. */
  idleSince: number;
}

export class Sessions {
  readonly #byName = new Map<string, Session>();
  #idle = 0;
  #idleTimes = 0;

  /** The session of a task that is there from now on. */
  join(name: string): Session {
    let session = this.#byName.get(name);
    if (session === undefined) this.#byName.set(name, (session = newSession(name)));
    else if (session.tasks === 0) this.#idle -= 1;
    session.tasks += 1;
    return session;
  }

  /** The session for a task that only might come. */
  seen(name: string): Session {
    return this.#byName.get(name) ?? newSession(name);
  }

  /** What a session was served before a restart, whether tasks of it are here again or not. */
  restore(name: string, attainedMs: number): void {
    let session = this.#byName.get(name);
    if (session === undefined) {
      session = newSession(name);
      this.#byName.set(name, session);
      this.#rest(session);
    }
    session.attainedMs = attainedMs;
  }

  /** A task of it is not in memory any more. */
  leave(session: Session): void {
    session.tasks -= 1;
    assert(session.tasks >= 0, "a session has the tasks that it counts");
    if (session.tasks > 0) return;
    session.line = undefined;
    this.#rest(session);
  }

  /** It has no tasks. */
  #rest(session: Session): void {
    session.idleSince = ++this.#idleTimes;
    this.#idle += 1;
    if (this.#idle >= 2 * REMEMBERED_SESSIONS) this.#forget();
  }

  #forget(): void {
    const idle = [...this.#byName.values()].filter(({ tasks }) => tasks === 0).sort((a, b) => b.idleSince - a.idleSince);
    for (const { name } of idle.slice(REMEMBERED_SESSIONS)) this.#byName.delete(name);
    this.#idle = REMEMBERED_SESSIONS;
  }
}

/** Its tasks have been served so long, in ms: those that wait rank behind what they did, which is seen when one of them comes first. */
export function serve(served: Served, ms: number): void {
  served.attainedMs += ms;
  for (let { line } = served; line !== undefined; line = line.next) line.isStale = true;
}

function newSession(name: string): Session {
  return { name, attainedMs: 0, line: undefined, tasks: 0, idleSince: 0 };
}
