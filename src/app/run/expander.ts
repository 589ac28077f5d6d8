/**
 * A task that stands for as many as another task's result has elements. It adds one member for each element, parks without a
 * slot until all of them are final, and then succeeds with the list of their results. A member's key is made of its content, so
 * that an expander which runs again finds the members of its earlier attempts, and of the groups that an earlier run expanded. Those
 * are not children of this task: what its members are is kept in its checkpoint, and what still runs of others is waited for by
 * a child that needs it.
 */
import { createHash } from "node:crypto";
import { isFinal, type TaskId } from "../../core/task.ts";
import { parseOutcome } from "../../engine/agents/attempt-context.ts";
import type { Parked, TaskContext, TaskOutcome } from "../../engine/context.ts";
import { NonRetryableError } from "../../engine/handler-errors.ts";
import { outcomeOf } from "../../engine/starts.ts";
import { isMakespanError } from "../../protocol/errors.ts";
import { canonicalJson, type JsonValue } from "../../protocol/json.ts";
import { bindWork, expandMember, memberIds } from "../../protocol/flow-file/members.ts";
import { formatTaskId, parseTaskId } from "../../protocol/ids.ts";
import type { PlannedTask, TaskDraft } from "../../protocol/task-plan.ts";
import type { FlowRef } from "../../protocol/template/flow-syntax.ts";
import type { Lookup } from "../../protocol/template/template.ts";
import type { TaskRow } from "../../store/rows.ts";
import { EXPAND_TYPE } from "./groups.ts";
import { inputOf, needLookup, type OpenInput } from "./work-input.ts";

export interface ExpandInput {
  readonly draft: TaskDraft;
  readonly contentHash: string;
  readonly folder: string;
  readonly needs: OpenInput["needs"];
}

/** A child as the run's `resolveChild` takes it: a member, or one that only waits for tasks which are no children. */
export interface MemberOptions {
  readonly member: TaskDraft;
  readonly key: string;
}

export interface WaitOptions {
  readonly name: string;
  readonly awaited: readonly TaskId[];
}

/** Tasks as the store has them, live or not, with their results. */
export type ReadTasks = (ids: readonly TaskId[]) => Promise<readonly TaskRow[]>;

const MOST_MEMBERS = 1_000_000;
/** Children under submission at once: enough to fill turns. */
const SUBMITTED_AT_ONCE = 500;

export function expandInputOf(task: PlannedTask, folder: string, needs: OpenInput["needs"]): string {
  const { contentHash, ...draft } = task;
  const input: ExpandInput = { draft, contentHash, folder, needs };
  return JSON.stringify(input);
}

/** Without an input it is the child that waited for others: now they are done. */
export async function expand(input: ExpandInput | null, context: TaskContext, read: ReadTasks): Promise<JsonValue | Parked> {
  if (input === null) return null;
  if (context.wake?.kind === "children") return gather(input.draft.id, context, context.wake.outcomes, read);
  const lookup = lookupOf(input, context);
  const items = itemsOf(input.draft, lookup);
  if (items.length === 0) return [];
  return context.park({ for: "children", checkpoint: await addMembers(input, items, lookup, context) });
}

function lookupOf(input: ExpandInput, context: TaskContext): Lookup<FlowRef> {
  const outcomes = context.needs.map((need) => ({ id: 0, name: need.name, state: need.state, result: need.result === undefined ? undefined : JSON.stringify(need.result), error: undefined }));
  return needLookup(input.needs, outcomes);
}

/** Adds what is not there yet; ids of the members in the order of the items. */
async function addMembers(input: ExpandInput, items: readonly JsonValue[], lookup: Lookup<FlowRef>, context: TaskContext): Promise<readonly string[]> {
  const names = memberIds(input.draft.id, items);
  const ids: string[] = [];
  for (let from = 0; from < items.length; from += SUBMITTED_AT_ONCE) {
    const some = items.slice(from, from + SUBMITTED_AT_ONCE);
    const added = await Promise.all(
      some.map((item, offset) => {
        const index = from + offset;
        const open = expandMember(input.draft, names[index]!, item, index);
        // What the other tasks it needs gave is known now: the child needs nothing any more.
        const member: TaskDraft = { ...open, work: bindWork(open.work, lookup), needs: [] };
        const options: MemberOptions = { member, key: open.key ?? memberKey(input.contentHash, names[index]!, item) };
        return context.submit(member.spec.type, JSON.parse(inputOf(member, input.folder)), { ...options });
      }),
    );
    for (const { id } of added) ids.push(id);
    context.progress((from + some.length) / items.length, `${from + some.length} of ${items.length} added`);
  }
  return ids;
}

/** The results in the order of the items, once the members that are no children are done too. */
async function gather(group: string, context: TaskContext, children: readonly TaskOutcome[], read: ReadTasks): Promise<JsonValue | Parked> {
  const ids = context.restored as readonly string[];
  const known = new Map(children.map((child) => [child.id, child]));
  let toRead = [...new Set(ids)].filter((id) => !known.has(id)).map(parseTaskId);
  for (;;) {
    for (const row of toRead.length === 0 ? [] : await read(toRead)) known.set(formatTaskId(row.id), parseOutcome(outcomeOf(row)));
    const members = ids.map((id) => known.get(id)!);
    const awaited = [...new Set(members.flatMap(({ id, state }) => (isFinal(state) ? [] : [parseTaskId(id)])))];
    if (awaited.length === 0) return resultsOf(members);
    try {
      const options: WaitOptions = { name: `${group} (members that run already)`, awaited };
      await context.submit(EXPAND_TYPE, null, { ...options });
      return context.park({ for: "children" });
    } catch (error) {
      // One of them has ended since it was read.
      if (!isMakespanError(error, "dependency_unknown")) throw error;
      toRead = awaited;
    }
  }
}

function itemsOf(draft: TaskDraft, lookup: Lookup<FlowRef>): readonly JsonValue[] {
  const { from, lines } = draft.expand!;
  const value = lookup({ kind: "need", name: from, path: [] }) ?? null;
  const items = typeof value === "string" && lines ? value.split(/\r?\n/).filter((line) => line !== "") : value;
  if (!Array.isArray(items)) {
    const advice = typeof value === "string" ? "; add `lines: true` to take its lines, or `result: json` to the command that made it" : "";
    throw new NonRetryableError(`for_each of ${draft.id} needs a list from ${from}, which gave ${value === null ? "nothing" : `a ${typeof value}`}${advice}.`);
  }
  if (items.length > MOST_MEMBERS) throw new NonRetryableError(`for_each of ${draft.id} stands for ${items.length} tasks; at most ${MOST_MEMBERS} are allowed.`);
  return items;
}

function memberKey(contentHash: string, id: string, item: JsonValue): string {
  return createHash("sha256").update(contentHash).update(id).update(canonicalJson(item)).digest("hex");
}

function resultsOf(members: readonly TaskOutcome[]): JsonValue {
  const lost = members.filter((member) => member.state !== "succeeded");
  if (lost.length > 0) {
    const first = lost[0]!;
    throw new NonRetryableError(`${lost.length} of ${members.length} members did not succeed, the first of them ${first.name ?? "one without a name"} (${first.state}).`);
  }
  return members.map((member) => (member.result ?? null) as JsonValue);
}
