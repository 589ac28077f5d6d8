/**
 * A task that stands for as many as another task's result has elements. It adds one child for each element, parks without a
 * slot until all of them are final, and then succeeds with the list of their results. A child's key is made of its content, so
 * that an expander which runs again finds the children of its earlier attempts.
 */
import { createHash } from "node:crypto";
import type { Parked, TaskContext } from "../../engine/context.ts";
import { NonRetryableError } from "../../engine/handler-errors.ts";
import { canonicalJson, type JsonValue } from "../../protocol/json.ts";
import { bindWork, expandMember, memberIds } from "../../protocol/flow-file/members.ts";
import type { PlannedTask, TaskDraft } from "../../protocol/task-plan.ts";
import { inputOf, needLookup, type OpenInput } from "./work-input.ts";

/** Type of the tasks that expand others; done by an agent of the run itself. */
export const EXPAND_TYPE = "for-each";

export interface ExpandInput {
  readonly draft: TaskDraft;
  readonly contentHash: string;
  readonly folder: string;
  readonly needs: OpenInput["needs"];
}

/** The child as the run's `resolveChild` takes it. */
export interface MemberOptions {
  readonly member: TaskDraft;
  readonly key: string;
}

const MOST_MEMBERS = 1_000_000;
/** Children under submission at once: enough to fill turns. */
const SUBMITTED_AT_ONCE = 500;

export function expandInputOf(task: PlannedTask, folder: string, needs: OpenInput["needs"]): string {
  const { contentHash, ...draft } = task;
  const input: ExpandInput = { draft, contentHash, folder, needs };
  return JSON.stringify(input);
}

export async function expand(input: ExpandInput, context: TaskContext): Promise<JsonValue | Parked> {
  if (context.wake?.kind === "children") return resultsOf(context.wake.outcomes);
  const items = itemsOf(input, context);
  if (items.length === 0) return [];
  const ids = memberIds(input.draft.id, items);
  const outcomes = context.needs.map((need) => ({ id: 0, name: need.name, state: need.state, result: need.result === undefined ? undefined : JSON.stringify(need.result), error: undefined }));
  const lookup = needLookup(input.needs, outcomes);
  for (let from = 0; from < items.length; from += SUBMITTED_AT_ONCE) {
    const some = items.slice(from, from + SUBMITTED_AT_ONCE);
    await Promise.all(
      some.map(async (item, offset) => {
        const index = from + offset;
        const open = expandMember(input.draft, ids[index]!, item, index);
        // What the other tasks it needs gave is known now: the child needs nothing any more.
        const member: TaskDraft = { ...open, work: bindWork(open.work, lookup), needs: [] };
        const options: MemberOptions = { member, key: open.key ?? memberKey(input.contentHash, ids[index]!, item) };
        await context.submit(member.spec.type, JSON.parse(inputOf(member, input.folder)), { ...options });
      }),
    );
    context.progress((from + some.length) / items.length, `${from + some.length} of ${items.length} added`);
  }
  return context.park({ for: "children" });
}

function itemsOf({ draft }: ExpandInput, context: TaskContext): readonly JsonValue[] {
  const { from, lines } = draft.expand!;
  const value = context.needsByName.get(from)?.result as JsonValue | undefined;
  const items = typeof value === "string" && lines ? value.split(/\r?\n/).filter((line) => line !== "") : value;
  if (!Array.isArray(items)) {
    const advice = typeof value === "string" ? "; add `lines: true` to take its lines, or `result: json` to the command that made it" : "";
    throw new NonRetryableError(`for_each of ${draft.id} needs a list from ${from}, which gave ${value === undefined ? "nothing" : `a ${typeof value}`}${advice}.`);
  }
  if (items.length > MOST_MEMBERS) throw new NonRetryableError(`for_each of ${draft.id} stands for ${items.length} tasks; at most ${MOST_MEMBERS} are allowed.`);
  return items;
}

function memberKey(contentHash: string, id: string, item: JsonValue): string {
  return createHash("sha256").update(contentHash).update(id).update(canonicalJson(item)).digest("hex");
}

function resultsOf(outcomes: readonly { readonly name: string | undefined; readonly state: string; readonly result: unknown }[]): JsonValue {
  const lost = outcomes.filter((outcome) => outcome.state !== "succeeded");
  if (lost.length > 0) {
    const first = lost[0]!;
    throw new NonRetryableError(`${lost.length} of ${outcomes.length} members did not succeed, the first of them ${first.name ?? "one without a name"} (${first.state}).`);
  }
  return outcomes.map((outcome) => (outcome.result ?? null) as JsonValue);
}
