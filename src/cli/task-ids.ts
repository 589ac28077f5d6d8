/** Ids and flows as people type them on a command line: `t17` or `17`, `f3`, `3` or the name of a flow. */
import type { Inspector } from "../app/inspect.ts";
import { MakespanError } from "../protocol/errors.ts";
import { parseFlowId, parseTaskId } from "../protocol/ids.ts";

/** Throws `invalid_option` for anything that is not an id. */
export function taskIdOf(text: string): number {
  return parseTaskId(/^\d+$/.test(text) ? `t${text}` : text);
}

/** The flow of that id, or the newest of that name. Throws `flow_not_found`. */
export function flowIdOf(inspector: Inspector, text: string): number {
  if (/^f?[1-9]\d*$/.test(text)) return inspector.flow(parseFlowId(text.startsWith("f") ? text : `f${text}`)).id;
  let found: number | undefined;
  for (const flow of inspector.flows()) if (flow.name === text) found = flow.id;
  if (found !== undefined) return found;
  throw new MakespanError("flow_not_found", `There is no flow named ${JSON.stringify(text)} in ${inspector.path}. See makespan stats --by-flow.`);
}
