// Plays a scene to its end with tasks that take exactly as long as their estimates say, and tells when each started and ended.
import { speedOf } from "../../src/core/agent.ts";
import type { Event } from "../../src/core/event.ts";
import { isFinal, type TaskId } from "../../src/core/task.ts";
import type { Scene } from "./core-scene.ts";

export interface Played {
  readonly startedAt: ReadonlyMap<TaskId, number>;
  readonly endedAt: ReadonlyMap<TaskId, number>;
}

/** `untilAll` of the ids are final, or nothing happens any more. */
export function playScene(scene: Scene, ids: readonly TaskId[]): Played {
  const startedAt = new Map<TaskId, number>();
  const endedAt = new Map<TaskId, number>();
  const note = (): void => {
    for (const agent of scene.scheduler.agents()) for (const { task, assignedAt } of agent.attempts) if (!startedAt.has(task.id)) startedAt.set(task.id, assignedAt);
  };
  note();
  while (ids.some((id) => !isFinal(scene.state(id)))) {
    const attempts = scene.scheduler.agents().flatMap((agent) => [...agent.attempts]);
    const ends = attempts.map((attempt) => ({ attempt, at: attempt.assignedAt + (attempt.task.extra?.estimateMs ?? 0) / speedOf(attempt.agent, attempt.task.spec.type) }));
    const at = Math.min(scene.turn.wakeAt ?? Infinity, ...ends.map((end) => end.at));
    if (at === Infinity) break;
    scene.now = Math.max(scene.now, at);
    const events = ends.filter((end) => end.at <= scene.now).map(({ attempt: { task, number } }): Event => {
      endedAt.set(task.id, scene.now);
      return { kind: "succeed", id: task.id, attempt: number, result: "null", usage: scene.usage() };
    });
    scene.act(...events);
    note();
  }
  return { startedAt, endedAt };
}
