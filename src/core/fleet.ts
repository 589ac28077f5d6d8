/** The agents: who is here, who can do what, who has room, and who takes the next task. */
import { assert } from "./assert.ts";
import type { Agent, AgentSpec, Team } from "./agent.ts";
import type { Attempt } from "./attempt.ts";
import { balancerOf, type BalancerChoice } from "./balance/balancers.ts";
import { DEFAULT_BALANCER, type BalanceContext, type Balancer } from "./balance/balancer.ts";
import { Distances } from "./balance/distances.ts";
import { Bag } from "./struct/bag.ts";
import type { AgentId, Instant, Task } from "./task.ts";

const NOBODY: readonly Agent[] = [];

export class Fleet {
  readonly #byId = new Map<AgentId, Agent>();
  readonly #teams = new Map<string, Team>();
  /** The one asked for last: tasks of one type come in a row. */
  #lastTeam: Team | undefined;
  /** Agents with a free slot. */
  #withRoom = 0;
  readonly distances = new Distances();
  #balancer = defaultBalancer(this.distances);
  lastId: AgentId = 0;

  get(id: AgentId): Agent | undefined {
    return this.#byId.get(id);
  }

  join(spec: AgentSpec, now: Instant, id: AgentId = this.lastId + 1): Agent {
    this.lastId = Math.max(this.lastId, id);
    const teams = [...new Set(spec.types)].map((type) => this.#teams.get(type) ?? this.#newTeam(type));
    const agent: Agent = { id, spec, attempts: new Bag(), free: spec.slots, teams, draining: false, heardAt: now, silenceTimer: undefined };
    this.#byId.set(id, agent);
    this.#withRoom += 1;
    for (const team of teams) {
      // By id, not by arrival: one that came back after a restart has its old place, or taking turns would not be fair.
      team.agents = [...team.agents, agent].sort((a, b) => a.id - b.id);
      team.withRoom += 1;
    }
    return agent;
  }

  /** Leaving twice does nothing. */
  leave(agent: Agent): void {
    // After a restart the name is another agent.
    if (this.#byId.get(agent.id) !== agent) return;
    this.#byId.delete(agent.id);
    this.drain(agent);
    this.#lastTeam = undefined;
    for (const team of agent.teams) {
      team.agents = team.agents.filter((other) => other !== agent);
      if (team.agents.length === 0) this.#teams.delete(team.type);
    }
  }

  /** Puts an attempt on its agent. */
  take(attempt: Attempt): void {
    attempt.agent.attempts.add(attempt);
    this.#countRoom(attempt.agent);
  }

  /** Takes an attempt off its agent. */
  giveBack(attempt: Attempt): void {
    attempt.agent.attempts.delete(attempt);
    this.#countRoom(attempt.agent);
  }

  /** The agent takes no new attempts. */
  drain(agent: Agent): void {
    agent.draining = true;
    this.#countRoom(agent);
  }

  /** Keeps the counts of those with room right; they change only when an agent becomes full or stops being so. */
  #countRoom(agent: Agent): void {
    const hadRoom = agent.free > 0;
    agent.free = agent.draining ? 0 : agent.spec.slots - agent.attempts.size;
    const hasRoom = agent.free > 0;
    if (hadRoom === hasRoom) return;
    const change = hasRoom ? 1 : -1;
    this.#withRoom += change;
    for (const team of agent.teams) team.withRoom += change;
  }

  /** Agents that can do a type, busy or not, in order of their ids. */
  able(type: string): readonly Agent[] {
    return this.#team(type)?.agents ?? NOBODY;
  }

  hasFreeSlot(type: string): boolean {
    const team = this.#team(type);
    return team !== undefined && team.withRoom > 0;
  }

  /** Whether any agent has a free slot, whatever it can do. */
  get hasRoom(): boolean {
    return this.#withRoom > 0;
  }

  get balancer(): Balancer {
    return this.#balancer;
  }

  /** Returns what is wrong with the text, if anything. */
  setBalancer(text: string): Extract<BalancerChoice, { kind: "refused" }> | undefined {
    const choice = balancerOf(text, this.distances);
    if (choice.kind === "refused") return choice;
    this.#balancer = choice.balancer;
    return undefined;
  }

  pick(task: Task, context: BalanceContext): Agent | "wait" | undefined {
    return this.#balancer.pick(this.able(task.spec.type), task, context);
  }

  all(): IterableIterator<Agent> {
    return this.#byId.values();
  }

  #team(type: string): Team | undefined {
    if (this.#lastTeam?.type !== type) this.#lastTeam = this.#teams.get(type);
    return this.#lastTeam;
  }

  #newTeam(type: string): Team {
    const team: Team = { type, agents: NOBODY, withRoom: 0 };
    this.#teams.set(type, team);
    return team;
  }
}

function defaultBalancer(distances: Distances): Balancer {
  const choice = balancerOf(DEFAULT_BALANCER, distances);
  assert(choice.kind === "balancer", "the default balancer is a known one");
  return choice.balancer;
}
