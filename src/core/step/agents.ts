/** Step: agents join, are heard of, leave or fall silent. */
import type { Agent, AgentSpec } from "../agent.ts";
import type { AgentId } from "../task.ts";
import type { World } from "../world.ts";
import { endStray, removeAgent, tellToStop } from "./attempts.ts";
import { loseAttempt } from "./reports.ts";

export function agentJoin(world: World, spec: AgentSpec, id: AgentId | undefined): AgentId {
  const earlier = id === undefined ? undefined : world.fleet.get(id);
  if (earlier !== undefined) agentGone(world, earlier);
  const agent = world.fleet.join(spec, world.now, id);
  listen(world, agent);
  return agent.id;
}

export function agentHeard(world: World, agent: Agent): void {
  agent.heardAt = world.now;
}

/** No new attempts; it is gone when the last one has ended. */
export function agentDrain(world: World, agent: Agent): void {
  world.fleet.drain(agent);
  if (agent.attempts.size === 0) removeAgent(world, agent);
}

/** It is gone, and whatever ran on it with it. */
export function agentGone(world: World, agent: Agent): void {
  for (const attempt of agent.attempts) {
    tellToStop(world, attempt, "agent_lost");
    if (attempt.task.run === attempt) loseAttempt(world, attempt);
    else endStray(world, attempt, undefined);
  }
  removeAgent(world, agent);
}

/** The silence timer fired: the agent is lost, unless it was heard of meanwhile. */
export function agentSilent(world: World, agent: Agent): void {
  if (agent.heardAt + (agent.spec.heartbeatTimeoutMs ?? Infinity) > world.now) listen(world, agent);
  else agentGone(world, agent);
}

function listen(world: World, agent: Agent): void {
  if (agent.spec.heartbeatTimeoutMs === undefined) return;
  agent.silenceTimer = world.timers.set(agent.heardAt + agent.spec.heartbeatTimeoutMs, { kind: "silence", agent });
}
