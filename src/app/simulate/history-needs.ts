/**
 * What the tasks of a recorded workload need, with groups taken apart: what stands for a group did no work and is no task of the
 * workload, but its members could not start before what the group needs, and what needs the group waited for all of them.
 */
import { formatTaskId } from "../../protocol/ids.ts";
import type { TaskRow } from "../../store/rows.ts";

const NOTHING: readonly string[] = [];

export class HistoryNeeds {
  readonly #tasks: ReadonlySet<number>;
  readonly #groups: ReadonlyMap<number, TaskRow>;
  readonly #members = new Map<number, number[]>();
  /** By the group. */
  readonly #standIns = new Map<number, readonly number[]>();
  /** By the group, one list for all its members. */
  readonly #ofMembers = new Map<TaskRow, readonly string[]>();

  /** `groups` may hold some that did not succeed: their members may have. */
  constructor(tasks: readonly TaskRow[], groups: readonly TaskRow[]) {
    this.#tasks = new Set(tasks.map(({ id }) => id));
    this.#groups = new Map(groups.map((group) => [group.id, group]));
    for (const { id, parentId } of [...tasks, ...groups]) {
      if (parentId === null || !this.#groups.has(parentId)) continue;
      const members = this.#members.get(parentId);
      if (members === undefined) this.#members.set(parentId, [id]);
      else members.push(id);
    }
  }

  /** The group of which it is a member. */
  groupOf({ parentId }: TaskRow): TaskRow | undefined {
    return parentId === null ? undefined : this.#groups.get(parentId);
  }

  /** Ids of tasks of the workload, each once. */
  of(row: TaskRow): readonly string[] {
    const group = this.groupOf(row);
    if (group === undefined) return this.#resolved(row);
    let needs = this.#ofMembers.get(group);
    if (needs === undefined) this.#ofMembers.set(group, (needs = this.#resolved(group)));
    return needs;
  }

  #resolved({ needs }: TaskRow): readonly string[] {
    if (needs === null) return NOTHING;
    return [...new Set(needs.flatMap((need) => this.#standInsOf(need)))].map(formatTaskId);
  }

  /** The task itself; for a group its members, or what it needs if it has none. */
  #standInsOf(id: number): readonly number[] {
    const group = this.#groups.get(id);
    if (group === undefined) return this.#tasks.has(id) ? [id] : [];
    let ids = this.#standIns.get(id);
    if (ids === undefined) {
      ids = (this.#members.get(id) ?? group.needs ?? []).flatMap((one) => this.#standInsOf(one));
      this.#standIns.set(id, ids);
    }
    return ids;
  }
}
