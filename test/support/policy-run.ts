// A queue of tasks with release times through the scheduler, on virtual time and agents with one slot each: when each task starts, in
// the order of the starts. What is preempted keeps its work.
import type { NewTask } from "../../src/core/event.ts";
import { Scene } from "./core-scene.ts";

export interface Released {
  readonly releaseAt: number;
  readonly sizeMs: number;
  readonly task: NewTask;
}

export interface Start {
  /** Place among the tasks. */
  readonly place: number;
  readonly at: number;
  /** Tasks that had been released and were waiting at that moment; those that start later in the same turn are among them. */
  readonly waiting: readonly number[];
}

/** Tasks come in order of their release. Whole ms, counted from the first instant. */
export function playPolicy(policy: string, agents: number, tasks: readonly Released[], weights?: Readonly<Record<string, number>>): readonly Start[] {
  const scene = new Scene();
  const begin = scene.now;
  scene.act({ kind: "policy", queue: "default", policy }, ...(weights === undefined ? [] : [{ kind: "fair-share" as const, queue: "default", weights }]));
  for (let agent = 0; agent < agents; agent++) scene.agent(1);
  const starts: Start[] = [];
  const left = tasks.map(({ sizeMs }) => sizeMs);
  const waiting = new Set<number>();
  /** Of those that run: since when. */
  const running = new Map<number, number>();
  const ids: number[] = [];
  let next = 0;
  /** Who is asked to give way does so at once, which may start others, and so on. */
  const obey = (): void => {
    const { commands } = scene.turn;
    for (const command of commands) {
      if (command.kind !== "start") continue;
      const place = command.task.id - ids[0]!;
      starts.push({ place, at: scene.now - begin, waiting: [...waiting] });
      waiting.delete(place);
      running.set(place, scene.now);
    }
    const stops = commands.filter((command) => command.kind === "stop");
    for (const { id, attempt } of stops) {
      const place = id - ids[0]!;
      left[place]! -= scene.now - running.get(place)!;
      running.delete(place);
      waiting.add(place);
      scene.act({ kind: "release", id, attempt, checkpoint: "1", usage: scene.usage() });
      obey();
    }
  };
  for (;;) {
    const releaseAt = next < tasks.length ? begin + tasks[next]!.releaseAt : Infinity;
    const endAt = Math.min(Infinity, ...[...running].map(([place, since]) => since + left[place]!));
    const at = Math.min(releaseAt, endAt, scene.turn.wakeAt ?? Infinity);
    if (at === Infinity || (releaseAt === Infinity && endAt === Infinity)) return starts;
    scene.now = at;
    const ended = [...running].filter(([place, since]) => at === since + left[place]!).map(([place]) => place);
    const come: NewTask[] = [];
    while (next < tasks.length && begin + tasks[next]!.releaseAt === at) {
      waiting.add(next);
      come.push(tasks[next++]!.task);
    }
    for (const place of ended) running.delete(place);
    const events = ended.map((place) => ({ kind: "succeed" as const, id: ids[place]!, attempt: scene.row(ids[place]!).attempt, result: "null", usage: scene.usage() }));
    const turn = scene.act(...events, ...(come.length === 0 ? [] : [{ kind: "submit" as const, tasks: come }]));
    const reply = turn.replies[events.length];
    if (reply?.kind === "submitted") ids.push(...reply.ids);
    obey();
  }
}
