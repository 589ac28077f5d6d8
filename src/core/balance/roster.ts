/**
 * What a balancer knows of each agent, in an array beside that of the agents, so that a pick walks two arrays and looks nothing up.
 */
import type { Agent } from "../agent.ts";

/** Lists kept at most; whoever makes up a region for each task must not fill the memory. */
const LISTS = 1_000;

interface List<Entry> {
  readonly agents: readonly Agent[];
  readonly entries: readonly Entry[];
}

export class Roster<Entry> {
  readonly #make: (agent: Agent, key: string) => Entry;
  readonly #lists = new Map<string, List<Entry>>();

  constructor(make: (agent: Agent, key: string) => Entry) {
    this.#make = make;
  }

  /** Entries of the agents of a key, in their order. Agents that stay keep theirs when others join or leave. */
  entries(key: string, agents: readonly Agent[]): readonly Entry[] {
    const known = this.#lists.get(key);
    if (known?.agents === agents) return known.entries;
    const before = new Map(known?.agents.map((agent, index) => [agent, known.entries[index]!]));
    const entries = agents.map((agent) => before.get(agent) ?? this.#make(agent, key));
    if (this.#lists.size >= LISTS) this.#lists.clear();
    this.#lists.set(key, { agents, entries });
    return entries;
  }

  /** Every entry is made anew when it is next asked for. */
  clear(): void {
    this.#lists.clear();
  }
}
