/** The result of a simulation that is done, from its meter and its agents. */
import { jainIndex, Tally } from "../results/tally.ts";
import type { AgentResult, SimulationResult } from "../results/result.ts";
import type { Simulation } from "./simulation.ts";

export function resultOf(simulation: Simulation): SimulationResult {
  const { meter, options, agents } = simulation;
  meter.fold();
  const measuredMs = Math.max(0, meter.endedAt - meter.measuredFrom);
  const total = meter.types.total();
  const byAgent = agents.map((_, index) => agentResult(simulation, index, measuredMs));
  const capacityMs = agents.reduce((sum, agent, index) => sum + agent.workers * byAgent[index]!.up_ms, 0);
  const tenants = meter.tenants.tallies;
  const tenantSlowdowns = tenants.flatMap(({ slowdown }) => slowdown.mean ?? []);
  return {
    ...total.result(measuredMs),
    events: simulation.events,
    events_per_s: null,
    decisions_hash: simulation.decisions.toString(),
    starts: simulation.starts,
    makespan_ms: Math.max(0, meter.endedAt - meter.startedAt),
    utilization: capacityMs > 0 ? Math.min(1, meter.busyMs / capacityMs) : null,
    in_system_mean: measuredMs > 0 ? meter.inSystemMs / measuredMs : null,
    in_system_max: meter.inSystemMax,
    fairness_jain: tenants.length > 0 ? jainIndex(tenantSlowdowns) : total.slowdownFairness,
    fairness_over: tenants.length > 0 ? "tenants" : "tasks",
    preemptions: meter.preemptions,
    retries: meter.retries,
    losses: meter.losses,
    warm_up_tasks: Math.min(meter.warmUpTasks, simulation.submitted),
    policy: options.policy,
    balancer: options.balancer,
    seed: options.seed,
    by_class: meter.types.results(measuredMs),
    by_tenant: meter.tenants.results(measuredMs),
    by_agent: byAgent,
    sessions: meter.sessions.result(),
  };
}

function agentResult({ meter, agents }: Simulation, index: number, measuredMs: number): AgentResult {
  const agent = agents[index]!;
  const upMs = agent.upMs + (agent.isUp ? Math.max(0, meter.endedAt - Math.max(agent.upSince, meter.measuredFrom)) : 0);
  const tally = meter.agents[index] ?? new Tally();
  return {
    name: agent.spec.name,
    ...tally.result(measuredMs),
    utilization: upMs > 0 ? Math.min(1, agent.busyMs / (upMs * agent.workers)) : null,
    busy_ms: agent.busyMs,
    up_ms: upMs,
  };
}
