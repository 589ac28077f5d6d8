/** Which tasks a call means, by their properties: read once, checked, and turned into the filters of engine and store. */
import type { Selection } from "../core/event.ts";
import { TASK_STATES, type TaskState } from "../core/task.ts";
import { parseFlowId } from "../protocol/ids.ts";
import type { TaskFilter as StoreFilter } from "../store/store.ts";
import type { TaskDefinition } from "./define-task.ts";
import { checkKeys, checkObject, checkOneOf, checkText } from "./check.ts";

type OneOrMany<T> = T | readonly T[];

/** A flow that exists: what `submitFlow` gave, or an id such as `f3`. */
export type FlowRef = string | { readonly id: string };

/** All given parts must match. */
export interface TaskFilter {
  readonly state?: OneOrMany<TaskState>;
  readonly type?: OneOrMany<string | TaskDefinition>;
  readonly queue?: string;
  readonly flow?: FlowRef;
  readonly tenant?: string;
  /** Only tasks that were given this session, or got it from their parent; those of a flow are found by `flow`. */
  readonly session?: string;
}

export const FILTER_KEYS = ["state", "type", "queue", "flow", "tenant", "session"] as const;
const KEYS: ReadonlySet<string> = new Set(FILTER_KEYS);

/** Throws `invalid_option`. `also` names keys that belong to the same call. */
export function parseFilter(filter: TaskFilter, also: readonly string[] = []): StoreFilter {
  checkObject("The filter", filter);
  checkKeys("The filter", filter, also.length === 0 ? KEYS : new Set([...FILTER_KEYS, ...also]));
  const { state, type, queue, flow, tenant, session } = filter;
  return {
    ...(state !== undefined && { states: listOf(state).map((one) => checkOneOf("state", one, TASK_STATES)) }),
    ...(type !== undefined && { types: listOf(type).map((one) => checkText("type", typeof one === "string" ? one : one.type)) }),
    ...(queue !== undefined && { queue: checkText("queue", queue) }),
    ...(flow !== undefined && { flowId: parseFlowId(typeof flow === "string" ? flow : flow.id) }),
    ...(tenant !== undefined && { tenant: checkText("tenant", tenant) }),
    ...(session !== undefined && { session: checkText("session", session) }),
  };
}

/** What of a filter the engine selects by. */
export function selectionOf({ states, types, queue, flowId, tenant, session }: StoreFilter): Selection {
  return {
    ...(states !== undefined && { states }),
    ...(types !== undefined && { types }),
    ...(queue !== undefined && { queue }),
    ...(flowId !== undefined && { flowId }),
    ...(tenant !== undefined && { tenant }),
    ...(session !== undefined && { session }),
  };
}

function listOf<T>(value: OneOrMany<T>): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
