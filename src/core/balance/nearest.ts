/**
 * Nearest: the agent closest to the task's region that has a free slot; of equals the one with the fewest attempts, then the lowest
 * id. When the nearest are full the next nearest get the task. Distances are those configured; an agent whose region is not
 * in the table, or that has none, is far. A task without a region is as near to all.
 *
 * With `measured`, what the table does not say is learned: the time from assignment to start, as a moving average (weight 1/5) for
 * each region and agent. An agent of which nothing is known, or nothing since `forget` (default 10 min), gets one task to
 * find out; until it has answered the others go elsewhere. O(agents) a pick.
 */
import type { Agent } from "../agent.ts";
import type { OptionSpec } from "../struct/option-spec.ts";
import type { Instant } from "../task.ts";
import type { Balancer } from "./balancer.ts";
import { FAR, type Distances } from "./distances.ts";
import { Roster } from "./roster.ts";

const DEFAULT_FORGET_MS = 600_000;
/** Weight of the last measurement. */
const GAIN = 0.2;
/** Regions of which measurements are kept; beyond them all are forgotten. */
const REGIONS = 1_000;

interface Place {
  readonly configured: number;
  readonly measured: Measured;
}

interface Measured {
  ms: number;
  /** When it was last measured, or a task was sent to find out. */
  at: Instant;
}

export function createNearest(name: string, options: OptionSpec, distances: Distances): Balancer {
  const measures = options.flag("measured", false);
  const forgetMs = options.durationMs("forget", DEFAULT_FORGET_MS);
  const measured = new MeasuredDistances();
  const roster = new Roster<Place>((agent, key) => {
    const region = regionOf(key);
    return { configured: distances.between(region, agent.spec.region ?? ""), measured: measured.of(region, agent) };
  });
  let version = distances.version;
  return {
    name,
    pick(agents, task, { now }) {
      const region = task.extra?.region;
      if (region === undefined && !measures) return fewest(agents);
      if (version !== distances.version) roster.clear();
      version = distances.version;
      const places = roster.entries(keyOf(region ?? "", task.spec.type), agents);
      let best: Agent | undefined;
      let place: Place | undefined;
      let least = Infinity;
      for (let at = 0; at < agents.length; at++) {
        const agent = agents[at]!;
        if (agent.free <= 0) continue;
        const its = measures ? expected(places[at]!, now, forgetMs) : places[at]!.configured;
        if (best !== undefined && (its > least || (its === least && agent.attempts.size >= best.attempts.size))) continue;
        best = agent;
        place = places[at]!;
        least = its;
      }
      if (measures && place !== undefined && place.configured === FAR && isOld(place.measured, now, forgetMs)) place.measured.at = now;
      return best;
    },
    ...(measures && { observe: (attempt, startedAt, now) => measured.note(attempt.task.extra?.region ?? "", attempt.agent, Math.max(0, startedAt - attempt.assignedAt), now) }),
  };
}

/** Unmeasured is near: the next task finds out. */
function expected({ configured, measured }: Place, now: Instant, forgetMs: number): number {
  if (configured !== FAR) return configured;
  return isOld(measured, now, forgetMs) ? 0 : measured.ms;
}

function isOld({ at }: Measured, now: Instant, forgetMs: number): boolean {
  return now - at >= forgetMs;
}

function fewest(agents: readonly Agent[]): Agent | undefined {
  let best: Agent | undefined;
  for (const agent of agents) {
    if (agent.free > 0 && (best === undefined || agent.attempts.size < best.attempts.size)) best = agent;
  }
  return best;
}

class MeasuredDistances {
  readonly #byRegion = new Map<string, WeakMap<Agent, Measured>>();

  of(region: string, agent: Agent): Measured {
    let agents = this.#byRegion.get(region);
    if (agents === undefined) {
      if (this.#byRegion.size >= REGIONS) this.#byRegion.clear();
      this.#byRegion.set(region, (agents = new WeakMap()));
    }
    let measured = agents.get(agent);
    if (measured === undefined) agents.set(agent, (measured = { ms: FAR, at: -Infinity }));
    return measured;
  }

  note(region: string, agent: Agent, ms: number, now: Instant): void {
    const measured = this.of(region, agent);
    measured.ms = measured.ms === FAR ? ms : measured.ms + GAIN * (ms - measured.ms);
    measured.at = now;
  }
}

/** No region has a line break after the type's length; the two cannot be mistaken. */
function keyOf(region: string, type: string): string {
  return `${region.length}:${region}${type}`;
}

function regionOf(key: string): string {
  const colon = key.indexOf(":");
  return key.slice(colon + 1, colon + 1 + Number(key.slice(0, colon)));
}
