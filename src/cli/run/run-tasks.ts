/**
 * Carries out `makespan run`: finds the input, starts the run, shows it while it goes on, stops it on a signal, and tells what
 * came of it. Coordinates only.
 */
import { appendFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { refuseUnknown } from "../../app/choices.ts";
import { dbPathForRun } from "../../app/db-path.ts";
import { Run, type HaltDecision, type RunResult } from "../../app/run/run.ts";
import type { SettledFact } from "../../app/run/watch.ts";
import { formatMany } from "../../monitor/format.ts";
import { MakespanError } from "../../protocol/errors.ts";
import type { CliContext } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { renderRunReport } from "../report/page.ts";
import { renderRunText } from "../report/text.ts";
import { createThroughput } from "../view/throughput.ts";
import { createLiveView, type LiveView } from "../view/live.ts";
import { showDryRun } from "./dry-run.ts";
import { Halt, parseHalt } from "./halt.ts";
import { readAhead } from "./input/read-ahead.ts";
import { readInput, type RunInput } from "./input/run-input.ts";
import { JobLog } from "./joblog.ts";
import { JobLogFeed } from "./joblog-feed.ts";
import { OutputGroups } from "./output-groups.ts";
import type { RunCommandInput } from "./options.ts";
import { progressOf } from "./progress-state.ts";
import { reportOf } from "./report-data.ts";
import { downgradedLine, riskLine } from "./risk-lines.ts";
import { onSignals } from "./signals.ts";

export async function runTasks({ context, args, options, rest }: RunCommandInput): Promise<ExitName> {
  if (options.fresh && options["retry-failed"]) throw new MakespanError("invalid_option", "--fresh runs everything and --retry-failed only what failed: give one of them.");
  const halt = new Halt(options.halt === undefined ? undefined : parseHalt(options.halt));
  const input = await readInput(context, args[0], rest, options);
  if (options["dry-run"]) {
    await showDryRun(context, input, options);
    return "ok";
  }
  if (options.policy !== undefined) refuseUnknown({ kind: "policy", queue: "", policy: options.policy });
  if (options.balancer !== undefined) refuseUnknown({ kind: "balancer", balancer: options.balancer });
  const path = dbPathForRun({ explicit: options.db, env: context.env, folder: context.folder, flowFile: input.flowFile });
  if (options.report !== undefined) await checkReport(options.report, context);
  const jobLog = options.joblog === undefined ? undefined : await JobLog.open(resolve(context.folder, options.joblog), { append: true });
  const feed = jobLog === undefined ? undefined : new JobLogFeed(jobLog);
  const throughput = createThroughput(context.now());
  const outputs = input.isCommandList && !options.json ? new OutputGroups(context) : undefined;
  const { tasks } = input.plan;
  // With --retry-failed the input is not read.
  const plan = Symbol.asyncIterator in tasks && !options["retry-failed"] ? { ...input.plan, tasks: await readAhead(tasks) } : input.plan;
  const shown: { view: LiveView | undefined } = { view: undefined };
  const run = await Run.start(plan, {
    path,
    jobs: options.jobs,
    balancer: options.balancer,
    policy: options.policy,
    retryFailed: options["retry-failed"],
    fresh: options.fresh,
    durability: options.durability ?? "full",
    ...(feed !== undefined && { onSubmitted: (task, id, number) => feed.submitted(task, id, number) }),
    ...(outputs !== undefined && { onOutput: (id, stream, chunk) => outputs.chunk(id, stream, chunk) }),
    onRisk: (notice, label) => shown.view?.print(riskLine(notice, label, context.now())),
    onDowngraded: (task, late) => shown.view?.print(downgradedLine(task.id, late)),
    onSettled: (fact) => {
      throughput.record(context.now());
      outputs?.settled(fact.task.id, shown.view === undefined ? undefined : (text) => shown.view?.print(text));
      feed?.settled(fact);
      return decide(halt, run, fact);
    },
  });
  if (run.isPaused) await context.err.line(`makespan: the queue of this run is paused: nothing starts before \`makespan resume\`${options.db === undefined ? "" : ` --db ${options.db}`}`);
  const view = options.quiet ? undefined : createLiveView(liveStream(context), () => progressOf(input.plan.name, run, throughput, context.now()), { colour: context.err.hasColors });
  shown.view = view;
  const release = onSignals((count) => interrupt(run, view, context, count));
  let result: RunResult;
  try {
    result = await run.finished;
  } finally {
    release();
    await outputs?.end();
    input.source?.destroy();
    view?.close(!context.err.isTerminal);
    await jobLog?.close();
  }
  return tell(context, input, run, result, path, options);
}

function decide(halt: Halt, run: Run | undefined, { task, state }: SettledFact): HaltDecision {
  if (run?.isTotalFinal === true) halt.total = run.total;
  return state === "succeeded" || state === "failed" || state === "expired" ? halt.record(task.id, state === "succeeded" ? "succeeded" : "failed") : "go";
}

function liveStream(context: CliContext): { readonly isTTY: boolean; readonly columns: number; write(text: string): unknown } {
  return { isTTY: context.err.isTerminal, columns: context.err.columns, write: (text) => void context.err.write(text) };
}

/** First wait, then ask for checkpoints, then kill; what has not ended runs again with the next start. */
function interrupt(run: Run, view: LiveView | undefined, context: CliContext, count: number): void {
  const running = run.watch.running.size;
  const say = (text: string): void => (view === undefined ? void context.err.line(text) : view.print(`${text}\n`));
  if (count === 1) {
    if (running > 0) say(`Stopping: waiting for ${running} running ${running === 1 ? "task" : "tasks"}. Ctrl-C again hands them back unfinished.`);
    run.stop("drain");
  } else if (count === 2) {
    say("Asking what runs to save its place and stop. Ctrl-C once more kills it.");
    run.stop("leave");
  } else run.stop("now");
}

async function tell(context: CliContext, input: RunInput, run: Run, result: RunResult, path: string, options: RunCommandInput["options"]): Promise<ExitName> {
  const data = reportOf(input, run, result, context.now());
  if (options.report !== undefined) await writeReport(resolve(context.folder, options.report), renderRunReport(data));
  const failed = result.summary.tasks.failed + result.summary.tasks.expired;
  if (options.json) {
    const { ending, left, dropped } = result;
    const { planned } = input;
    const promised = planned === undefined ? null : { makespan_ms: planned.makespanMs, lower_bound_ms: planned.lowerBoundMs, unplanned_makespan_ms: planned.unplannedMs };
    await context.out.json({ ...result.summary, ending, left, dropped, planned: promised, db: path, report: options.report === undefined ? null : resolve(context.folder, options.report) });
  } else if (!options.quiet) {
    // The stdout of a list of commands is theirs.
    const to = input.isCommandList ? context.err : context.out;
    await to.write(`${renderRunText(data, { width: to.columns, colour: to.hasColors })}\n`);
    if (options.report !== undefined) await to.line(`Timeline: ${resolve(context.folder, options.report)}`);
    for (const line of nextSteps(result, failed, path, options)) await to.line(line);
  } else if (failed > 0) await context.err.line(`makespan: ${failed} of ${formatMany(result.summary.tasks.total, "task")} failed; makespan ls --state failed --db ${path} lists them`);
  if (result.ending === "interrupted") return "interrupted";
  if (result.ending === "halted") return "halted";
  return failed > 0 ? "failed" : "ok";
}

function nextSteps(result: RunResult, failed: number, path: string, options: RunCommandInput["options"]): string[] {
  const steps: string[] = [];
  if (result.ending !== "done") steps.push(`${formatMany(result.left, "task")} ${result.left === 1 ? "is" : "are"} left in ${path}: run the same command again to go on.`);
  if (result.dropped > 0) steps.push(`${formatMany(result.dropped, "task")} of an earlier start, not asked for any more, ${result.dropped === 1 ? "was" : "were"} cancelled.`);
  if (failed > 0 && result.ending === "done" && !options["retry-failed"]) steps.push(`Run the same command again to try what failed once more (--retry-failed: only that), or see why: makespan ls --state failed --db ${path}`);
  return steps;
}

/** Before anything runs: a run must not end without what was asked of it. */
async function checkReport(path: string, { folder }: CliContext): Promise<void> {
  try {
    await appendFile(resolve(folder, path), "");
  } catch (error) {
    throw reportRefused(path, error);
  }
}

async function writeReport(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw reportRefused(path, error, " The run itself is done and kept.");
  }
}

function reportRefused(path: string, error: unknown, more = ""): MakespanError {
  return new MakespanError("invalid_option", `--report ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}.${more}`);
}
