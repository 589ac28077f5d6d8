/** What `makespan show` prints for a person: sections with a title, empty ones left out. */
import { errorParts, messageOf, waitMsOf, type AttemptView, type Inspector, type TaskRow } from "../app/inspect.ts";
import { formatBytes, formatCost, formatDuration } from "../monitor/format.ts";
import { formatFlowId, formatTaskId } from "../protocol/ids.ts";
import type { CliContext } from "./command.ts";
import { plainBlock, wrapWords } from "./plain-block.ts";
import type { TaskDetails } from "./show.ts";
import { createTable } from "./table.ts";
import { priorityWords, stateStyle, tookWords } from "./task-words.ts";
import { clockTime, relativeTime } from "./times.ts";
import { padTo, plain } from "./view/columns.ts";

/** Of an input or result, this much is shown. */
const PREVIEW_LINES = 12;
const PREVIEW_CHARACTERS = 1_200;
const RELATED_SHOWN = 20;
const LABEL_COLUMNS = 10;

export function showText(details: TaskDetails, inspector: Inspector, context: CliContext, isFull: boolean): string {
  const { task } = details;
  const { paint } = context.out;
  const section = (title: string, lines: readonly string[]): string => (lines.length === 0 ? "" : `\n${paint("bold", title)}\n${lines.join("\n")}\n`);
  return [
    headText(details, context),
    section("Task", fieldLines(settings(details, inspector), context)),
    section("Times", fieldLines(times(task, context.now()), context)),
    section("Attempts", attemptLines(inspector.attempts(task), inspector, context)),
    section("Needs", relatedLines(details.needs, context)),
    section("Children", relatedLines(details.children, context)),
    section("Input", payloadLines(details.input, isFull, context)),
    section("Checkpoint", payloadLines(details.checkpoint, isFull, context)),
    section("Result", payloadLines(task.result, isFull, context)),
    section("Error", errorLines(task, isFull, context)),
  ].join("");
}

function headText({ task, why }: TaskDetails, { out }: CliContext): string {
  const style = stateStyle(task.state);
  const state = style === undefined ? task.state : out.paint(style, task.state);
  const name = task.name === null ? "" : ` ${plain(task.name)}`;
  const lines = wrapWords(plain(why), out.terminalColumns);
  return `${out.paint("bold", `${formatTaskId(task.id)}${name}`)}  ${state}\n${lines.join("\n")}\n`;
}

type Field = readonly [label: string, value: string | undefined];

function settings({ task }: TaskDetails, inspector: Inspector): readonly Field[] {
  const { spec } = task;
  const flow = task.flowId === null ? undefined : inspector.flow(task.flowId);
  const retry = spec.retry.limit === 0 ? undefined : `${spec.retry.limit}, ${spec.retry.backoff} from ${formatDuration(spec.retry.delayMs)}`;
  return [
    ["type", spec.type],
    ["queue", spec.queue === "default" ? undefined : spec.queue],
    ["priority", priorityWords(spec.priority)],
    ["flow", flow === undefined ? undefined : `${formatFlowId(flow.id)} ${flow.name}`],
    ["parent", task.parentId === null ? undefined : formatTaskId(task.parentId)],
    ["key", task.key ?? undefined],
    ["tenant", task.tenant ?? undefined],
    ["session", task.session ?? undefined],
    ["weight", task.weight === null ? undefined : String(task.weight)],
    ["size", task.size === null ? undefined : String(task.size)],
    ["region", task.region ?? undefined],
    ["preempt", spec.preemptible === true ? "it may be asked to make room for a more urgent task" : undefined],
    ["limit", task.limitKey === null ? undefined : `${task.limitOfKey ?? 1} at once with key ${task.limitKey}`],
    ["retries", retry],
    ["timeout", spec.timeoutMs === undefined ? undefined : formatDuration(spec.timeoutMs)],
    ["estimate", task.estimateMs === null ? undefined : formatDuration(task.estimateMs)],
    ["cpu", task.cpuMs > 0 ? formatDuration(task.cpuMs) : undefined],
    ["memory", task.peakMemoryBytes > 0 ? `${formatBytes(task.peakMemoryBytes)} at most` : undefined],
    ["cost", task.cost > 0 ? formatCost(task.cost) : undefined],
  ];
}

function times(task: TaskRow, now: number): readonly Field[] {
  const at = (instant: number | null, more = ""): string | undefined =>
    instant === null || instant <= 0 ? undefined : `${clockTime(instant, now)}  ${relativeTime(instant, now)}${more}`;
  const waitMs = waitMsOf(task);
  const waited = waitMs === undefined ? "" : `, waited ${formatDuration(waitMs)}`;
  const took = tookWords(task, now);
  const startedAt = task.startedAt > 0 ? task.startedAt : task.assignedAt;
  const isLate = task.dueAt !== null && task.finishedAt > task.dueAt;
  return [
    ["created", at(task.createdAt)],
    ["released", at(task.readyAt)],
    ["release at", task.readyAt > 0 && task.state !== "scheduled" ? undefined : at(task.releaseAt)],
    ["started", at(startedAt, waited)],
    ["finished", at(task.finishedAt, took === "" ? "" : `, ran ${took}`)],
    ["due", at(task.dueAt, isLate ? `, late by ${formatDuration(task.finishedAt - (task.dueAt ?? 0))}` : "")],
    ["deadline", at(task.deadlineAt)],
  ];
}

function fieldLines(fields: readonly Field[], { out }: CliContext): readonly string[] {
  return fields.flatMap(([label, value]) => (value === undefined ? [] : [`  ${out.paint("dim", padTo(label, LABEL_COLUMNS))}  ${plain(value)}`]));
}

function attemptLines(attempts: readonly AttemptView[], inspector: Inspector, { out, now }: CliContext): readonly string[] {
  if (attempts.length === 0) return [];
  const tookOf = ({ startedAt, assignedAt, endedAt }: AttemptView): string =>
    formatDuration(Math.max(0, (endedAt > 0 ? endedAt : now()) - (startedAt > 0 ? startedAt : assignedAt)));
  const table = createTable<AttemptView>(
    [
      { title: "#", value: ({ attempt }) => String(attempt), align: "right" },
      { title: "OUTCOME", value: ({ outcome }) => outcome, style: ({ outcome }) => stateStyle(outcome) },
      { title: "STARTED", value: ({ startedAt, assignedAt }) => clockTime(startedAt > 0 ? startedAt : assignedAt, now()) },
      { title: "TOOK", value: tookOf, align: "right" },
      { title: "AGENT", value: ({ agentId }) => inspector.agentName(agentId) ?? "" },
      { title: "ERROR", value: ({ error }) => messageOf(error) ?? "", least: 10 },
    ],
    out,
    { indent: 2 },
  );
  return table.lines(attempts);
}

function relatedLines(tasks: readonly TaskRow[], { out }: CliContext): readonly string[] {
  const lines = tasks.slice(0, RELATED_SHOWN).map((task) => {
    const style = stateStyle(task.state);
    const state = padTo(task.state, LABEL_COLUMNS);
    return `  ${padTo(formatTaskId(task.id), 6)}  ${style === undefined ? state : out.paint(style, state)}  ${plain(task.name ?? task.spec.type)}`;
  });
  return tasks.length > RELATED_SHOWN ? [...lines, out.paint("dim", `  … and ${tasks.length - RELATED_SHOWN} more`)] : lines;
}

/** Code and message are at the top already: here is what else the error says. */
function errorLines(task: TaskRow, isFull: boolean, context: CliContext): readonly string[] {
  const { stack, ...rest } = errorParts(task.error).more;
  const trace = typeof stack === "string" ? textLines(stack, isFull, context) : [];
  return Object.keys(rest).length === 0 ? trace : [...trace, ...textLines(JSON.stringify(rest, undefined, 2), isFull, context)];
}

function payloadLines(payload: string | null | undefined, isFull: boolean, context: CliContext): readonly string[] {
  if (payload === null || payload === undefined) return [];
  return textLines(readable(payload), isFull, context);
}

/** A text as it is, anything else as indented JSON. */
function readable(payload: string): string {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  } catch {
    return payload;
  }
}

function textLines(text: string, isFull: boolean, { out }: CliContext): readonly string[] {
  const shown = isFull ? text : text.slice(0, PREVIEW_CHARACTERS);
  const all = plainBlock(shown).replace(/\n+$/, "").split("\n");
  const lines = (isFull ? all : all.slice(0, PREVIEW_LINES)).map((line) => `  ${line}`);
  const isCut = lines.length < all.length || shown.length < text.length;
  return isCut ? [...lines, out.paint("dim", `  … ${formatBytes(Buffer.byteLength(text))} in all: --full shows everything`)] : lines;
}
