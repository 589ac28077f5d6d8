/**
 * A run under way, as lines for a terminal: how far it is, how fast, when it will be done, what runs where, what failed last.
 * Pure: the same state gives the same lines, none wider than asked for.
 */
import { formatCount, formatDuration, formatRate, formatShare } from "../../monitor/format.ts";
import { fitTo, padTo, painter, plain, widthOf, type Painter } from "./columns.ts";

export interface RunningAttempt {
  readonly label: string;
  readonly agent: string;
  readonly forMs: number;
  /** 0 to 1, if the attempt says. */
  readonly progress?: number;
  readonly note?: string;
}

export interface FailureLine {
  /** 1, 2, 3, … in order of appearance; the live view tells by it what it has shown. */
  readonly seq: number;
  readonly label: string;
  readonly message: string;
}

export interface ProgressState {
  readonly title: string;
  readonly elapsedMs: number;
  /** Tasks known so far. */
  readonly total: number;
  /** False while a list is still being read, so that the total may grow; then there is no share and no ETA. */
  readonly isTotalFinal: boolean;
  readonly succeeded: number;
  readonly failed: number;
  /** Cancelled, expired, shed or skipped. */
  readonly dropped: number;
  /** Tasks done by an earlier run, not counted in the others. */
  readonly resumed: number;
  /** Tasks that were reported to be at risk of being late; default none. */
  readonly atRisk?: number;
  readonly running: readonly RunningAttempt[];
  readonly slots: number;
  /** Tasks a second lately; undefined when none finished lately. */
  readonly recentPerS: number | undefined;
  /** Mean service of the tasks done so far, in ms; undefined before the first. */
  readonly meanServiceMs: number | undefined;
  /** The newest last; the last hundred are enough. */
  readonly failures: readonly FailureLine[];
  /** What the run waits for, if it stands still or stops (`paused`, `stopping: 3 attempts to end`). */
  readonly notice?: string;
}

export function finished(state: ProgressState): number {
  return state.succeeded + state.failed + state.dropped;
}

/**
 * Time until the last task is done, in ms: what is left at the pace of late, or, when nothing finished lately, by the mean
 * service over all slots. Undefined when neither is known.
 */
export function estimateRemainingMs(state: ProgressState): number | undefined {
  const left = state.total - finished(state);
  if (!state.isTotalFinal) return undefined;
  if (left <= 0) return 0;
  if (state.recentPerS !== undefined && state.recentPerS > 0) return (left * 1000) / state.recentPerS;
  if (state.meanServiceMs === undefined || state.slots < 1) return undefined;
  return Math.ceil(left / state.slots) * state.meanServiceMs;
}

const SHOWN_RUNNING = 8;
const SHOWN_FAILURES = 3;

/** At most 15 lines. */
export function renderProgress(state: ProgressState, width: number, colour: boolean): string[] {
  const paint = painter(colour);
  return [barLine(state, width, paint), countLine(state, width, paint), ...runningLines(state, width, paint), ...failureLines(state, width, paint), ...noticeLine(state, width, paint)];
}

/** The whole in one line, for a pipe or a log. */
export function progressLine(state: ProgressState): string {
  const share = state.isTotalFinal && state.total > 0 ? ` (${formatShare(finished(state) / state.total)})` : "";
  return [`${formatCount(finished(state))} of ${formatCount(state.total)}${state.isTotalFinal ? "" : "+"} done${share}`, ...countParts(state), ...paceParts(state), ...restParts(state)].join(", ");
}

function barLine(state: ProgressState, width: number, paint: Painter): string {
  const of = `${formatCount(finished(state))}/${formatCount(state.total)}${state.isTotalFinal ? "" : "+"}`;
  const share = state.isTotalFinal ? (state.total === 0 ? 1 : Math.min(1, finished(state) / state.total)) : undefined;
  const tail = share === undefined ? ` ${of}` : ` ${formatShare(share)}  ${of}`;
  const title = fitTo(plain(state.title), Math.max(8, Math.floor(width / 4)));
  const cells = width - widthOf(title) - widthOf(tail) - 1;
  if (cells < 6) return fitTo(`${title}${tail}`, width);
  const part = (count: number): number => Math.floor((cells * count) / Math.max(1, state.total));
  const bad = share === undefined ? 0 : Math.max(state.failed > 0 ? 1 : 0, part(state.failed));
  const filled = share === undefined ? 0 : Math.min(cells, Math.max(bad, Math.floor(cells * share)));
  const bar = paint("green", "█".repeat(filled - bad)) + paint("red", "█".repeat(bad)) + paint("dim", "░".repeat(cells - filled));
  return `${paint("bold", title)} ${bar}${tail}`;
}

function countParts(state: ProgressState): readonly string[] {
  const waiting = Math.max(0, state.total - finished(state) - state.running.length);
  return [
    ...(state.failed > 0 ? [`${formatCount(state.failed)} failed`] : []),
    ...((state.atRisk ?? 0) > 0 ? [`${formatCount(state.atRisk ?? 0)} at risk of being late`] : []),
    `${formatCount(state.running.length)} running`,
    `${formatCount(waiting)} waiting`,
  ];
}

/** What matters less, and is cut off first where there is no room. */
function restParts(state: ProgressState): readonly string[] {
  return [
    ...(state.dropped > 0 ? [`${formatCount(state.dropped)} not run`] : []),
    ...(state.resumed > 0 ? [`${formatCount(state.resumed)} done before`] : []),
  ];
}

function paceParts(state: ProgressState): readonly string[] {
  const leftMs = estimateRemainingMs(state);
  return [
    ...(leftMs === undefined || leftMs === 0 ? [] : [`about ${formatDuration(Math.max(1000, leftMs))} left`]),
    ...(state.recentPerS === undefined ? [] : [formatRate(state.recentPerS)]),
    `${formatDuration(state.elapsedMs)} so far`,
  ];
}

function countLine(state: ProgressState, width: number, paint: Painter): string {
  const text = fitTo([...countParts(state), ...paceParts(state), ...restParts(state)].join(" · "), width);
  return state.failed > 0 ? text.replace(/[\d,]+ failed/, (part) => paint("red", part)) : text;
}

/** The longest first: they are what the run may end up waiting for. */
function runningLines({ running }: ProgressState, width: number, paint: Painter): readonly string[] {
  const shown = running.toSorted((a, b) => b.forMs - a.forMs).slice(0, SHOWN_RUNNING);
  const agentWidth = Math.min(16, Math.max(0, ...shown.map(({ agent }) => widthOf(plain(agent)))));
  const lines = shown.map(({ label, agent, forMs, progress, note }) => {
    const said = [...(progress === undefined ? [] : [formatShare(progress)]), ...(note === undefined ? [] : [plain(note)])].join(" ");
    const space = width - 2 - 11 - 2 - agentWidth - 2;
    if (space < 8) return fitTo(`${padTo(formatDuration(forMs), 13, "left")}  ${plain(label)}`, width);
    const name = fitTo(plain(label), said === "" ? space : Math.max(8, space - Math.min(widthOf(said), Math.floor(space / 2)) - 2));
    const rest = said === "" ? "" : fitTo(`  ${said}`, space - widthOf(name));
    return `  ${padTo(formatDuration(forMs), 11, "left")}  ${paint("cyan", padTo(plain(agent), agentWidth))}  ${name}${paint("dim", rest)}`;
  });
  const hidden = running.length - shown.length;
  return hidden > 0 ? [...lines, paint("dim", fitTo(`  and ${formatCount(hidden)} more`, width))] : lines;
}

export function failureText({ label, message }: FailureLine): string {
  return `failed: ${plain(label)}: ${plain(message)}`;
}

function failureLines({ failures }: ProgressState, width: number, paint: Painter): readonly string[] {
  return failures.slice(-SHOWN_FAILURES).map((failure) => paint("red", fitTo(failureText(failure), width)));
}

function noticeLine({ notice }: ProgressState, width: number, paint: Painter): readonly string[] {
  return notice === undefined ? [] : [paint("yellow", fitTo(plain(notice), width))];
}
