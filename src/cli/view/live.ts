/**
 * Keeps a run's progress on a stream: on a terminal a block that is repainted in place, at most ten times a second; in a pipe a
 * line every five seconds or ten percent, whichever comes first, and one for each failure, so that a log stays readable.
 */
import { failureText, finished, progressLine, renderProgress, type ProgressState } from "./progress.ts";

/** What the view needs of `process.stderr`. */
export interface LiveStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

export interface LiveOptions {
  /** ANSI colours on a terminal; default on. */
  readonly colour?: boolean;
  /** Ms of any clock that does not go back; default `performance.now`. */
  readonly now?: () => number;
  /** Calls `run` every `ms` until the returned function is called; default a timer that keeps no process alive. */
  readonly every?: (ms: number, run: () => void) => () => void;
}

export interface LiveView {
  /** Writes lines that stay, above what is repainted. */
  print(text: string): void;
  /** Shows the last state and lets go of the stream; nothing is written after. `keep` false wipes the block. Default true. */
  close(keep?: boolean): void;
}

const REPAINT_MS = 100;
const PLAIN_MS = 5_000;

export function createLiveView(stream: LiveStream, getState: () => ProgressState, options: LiveOptions = {}): LiveView {
  const { now = () => performance.now(), every = everyUnref } = options;
  return stream.isTTY === true ? terminalView(stream, getState, options.colour ?? true, every) : pipeView(stream, getState, now, every);
}

function everyUnref(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms);
  timer.unref();
  return () => clearInterval(timer);
}

type Every = NonNullable<LiveOptions["every"]>;

function terminalView(stream: LiveStream, getState: () => ProgressState, colour: boolean, every: Every): LiveView {
  let painted: readonly string[] = [];
  let isClosed = false;
  // Up to the first line of the block, then clear to the end of the screen: one write, so that nothing flickers.
  const wipe = (): string => (painted.length === 0 ? "" : `\u001b[${painted.length}A\r\u001b[J`);
  const paint = (above = ""): void => {
    // A terminal wraps a line that fills it exactly, and a block higher than the screen cannot be wiped.
    const width = Math.max(20, (stream.columns ?? 80) - 1);
    const lines = renderProgress(getState(), width, colour).slice(0, Math.max(1, (stream.rows ?? 24) - 1));
    if (above === "" && lines.length === painted.length && lines.every((line, i) => line === painted[i])) return;
    stream.write(`${wipe()}${above}${lines.map((line) => `${line}\n`).join("")}`);
    painted = lines;
  };
  const stop = every(REPAINT_MS, () => paint());
  return {
    print(text) {
      if (!isClosed) paint(text.endsWith("\n") ? text : `${text}\n`);
    },
    close(keep = true) {
      if (isClosed) return;
      isClosed = true;
      stop();
      if (keep) paint();
      else if (painted.length > 0) stream.write(wipe());
    },
  };
}

function pipeView(stream: LiveStream, getState: () => ProgressState, now: () => number, every: Every): LiveView {
  let lastAt = now();
  let lastTenth = 0;
  let lastLine = "";
  let lastFailure = 0;
  let isClosed = false;
  const report = (state: ProgressState): void => {
    const line = progressLine(state);
    if (line !== lastLine) stream.write(`${line}\n`);
    lastLine = line;
    lastAt = now();
    lastTenth = tenthOf(state);
  };
  const failures = (state: ProgressState): void => {
    for (const failure of state.failures) {
      if (failure.seq <= lastFailure) continue;
      if (failure.seq > lastFailure + 1) stream.write(`${failure.seq - lastFailure - 1} more failed\n`);
      lastFailure = failure.seq;
      stream.write(`${failureText(failure)}\n`);
    }
  };
  const look = (): void => {
    const state = getState();
    failures(state);
    if (now() - lastAt >= PLAIN_MS || (state.isTotalFinal && tenthOf(state) > lastTenth)) report(state);
  };
  const stop = every(REPAINT_MS, look);
  return {
    print(text) {
      if (!isClosed) stream.write(text.endsWith("\n") ? text : `${text}\n`);
    },
    close(keep = true) {
      if (isClosed) return;
      isClosed = true;
      stop();
      const state = getState();
      failures(state);
      if (keep) report(state);
    },
  };
}

/** Whole tenths of the run that are done. */
function tenthOf(state: ProgressState): number {
  return state.total === 0 ? 0 : Math.floor((finished(state) * 10) / state.total);
}
