/** A line for each task with a title line first, as RFC 4180 has it; ids of a list are separated by spaces. */
import type { Inspector, TaskFilter } from "../../app/inspect.ts";
import type { Output } from "../output.ts";
import { TASK_FIELDS, taskJson } from "../task-json.ts";

export async function exportCsv(inspector: Inspector, filter: TaskFilter, out: Output): Promise<void> {
  await out.write(`${TASK_FIELDS.join(",")}\r\n`);
  for (const page of inspector.pages(filter)) {
    if (out.isGone) return;
    const lines = page.map((task) => {
      const record = taskJson(task, inspector);
      return `${TASK_FIELDS.map((column) => cell(record[column])).join(",")}\r\n`;
    });
    await out.write(lines.join(""));
  }
}

function cell(value: string | number | boolean | null | readonly string[]): string {
  const text = value === null ? "" : typeof value === "object" ? value.join(" ") : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
