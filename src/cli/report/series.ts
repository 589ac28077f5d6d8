/**
 * How many slots were busy, by kind of agent, and how many tasks waited for one, over time: means over equal steps of the
 * run, from every attempt, so that nothing is lost where the timeline is thinned out.
 */
import { runStart, type TimelineData } from "./data.ts";

const STEPS = 2000;

export interface Series {
  readonly stepMs: number;
  /** One for each kind of agent, in the order of the agents: its slots, and its busy slots by step. */
  readonly kinds: readonly { readonly kind: string; readonly slots: number; readonly busy: readonly number[] }[];
  /** Tasks released and not started, by step; undefined when releases are not known. */
  readonly waiting: readonly number[] | undefined;
}

export function seriesOf(data: TimelineData, endMs: number): Series {
  const start = runStart(data);
  const stepMs = Math.max(endMs, 1) / STEPS;
  const kinds = new Map<string, { slots: number; load: Load }>();
  const kindOf = new Map<number, Load>();
  for (const { id, kind, slots } of data.agents) {
    const entry = kinds.get(kind) ?? { slots: 0, load: new Load(stepMs) };
    kinds.set(kind, { slots: entry.slots + slots, load: entry.load });
    kindOf.set(id, entry.load);
  }
  const waiting = new Load(stepMs);
  let isReleaseKnown = false;
  for (const { agentId, readyAt, assignedAt, startedAt, endedAt } of data.attempts) {
    kindOf.get(agentId)?.add(assignedAt - start, endedAt - start);
    if (readyAt === undefined) continue;
    isReleaseKnown = true;
    waiting.add(readyAt - start, startedAt - start);
  }
  return {
    stepMs,
    kinds: [...kinds].map(([kind, { slots, load }]) => ({ kind, slots, busy: load.means() })),
    waiting: isReleaseKnown ? waiting.means() : undefined,
  };
}

/** Adds up intervals in constant time each: whole steps as a difference, the two ends by their share. */
class Load {
  readonly #stepMs: number;
  readonly #change = new Float64Array(STEPS + 1);
  readonly #part = new Float64Array(STEPS + 1);

  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  add(fromMs: number, toMs: number): void {
    const from = Math.min(STEPS, Math.max(0, fromMs / this.#stepMs));
    const to = Math.min(STEPS, Math.max(0, toMs / this.#stepMs));
    if (to <= from) return;
    const first = Math.floor(from);
    const last = Math.floor(to);
    const { part, change } = { part: this.#part, change: this.#change };
    // The steps from first to last are covered whole, less what lies before `from`, plus what reaches into the last one.
    change[first] = (change[first] ?? 0) + 1;
    change[last] = (change[last] ?? 0) - 1;
    part[first] = (part[first] ?? 0) - (from - first);
    part[last] = (part[last] ?? 0) + (to - last);
  }

  means(): readonly number[] {
    let level = 0;
    return Array.from({ length: STEPS }, (_, i) => {
      level += this.#change[i] ?? 0;
      return Math.round(Math.max(0, level + (this.#part[i] ?? 0)) * 1000) / 1000;
    });
  }
}
