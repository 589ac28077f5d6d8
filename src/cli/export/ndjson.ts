/** A JSON object a line for each task, with its attempts and error. */
import type { Inspector, TaskFilter } from "../../app/inspect.ts";
import type { Output } from "../output.ts";
import { attemptJson, parsed, taskJson } from "../task-json.ts";

export async function exportNdjson(inspector: Inspector, filter: TaskFilter, withPayloads: boolean, out: Output): Promise<void> {
  for (const page of inspector.pages(filter)) {
    const outcomes = new Map(inspector.tasks(page.map(({ id }) => id), true).map((task) => [task.id, task]));
    for (const listed of page) {
      const task = outcomes.get(listed.id) ?? listed;
      const line = {
        ...taskJson(task, inspector),
        error: parsed(task.error),
        ...(withPayloads && { input: parsed(inspector.payload(task.id, "input")), result: parsed(task.result) }),
        attempt_list: inspector.attempts(task).map((attempt) => attemptJson(attempt, inspector)),
      };
      if (out.isGone) return;
      await out.line(JSON.stringify(line));
    }
  }
}
