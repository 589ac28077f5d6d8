/**
 * The checker: it stands apart from the engine and imports only its types. It hears of every commit that takes effect, of
 * everything that really runs, and of every promise that the engine gave to a client, and holds them against each other.
 */
import type { AgentSpec } from "../../src/core/agent.ts";
import type { Payload } from "../../src/core/event.ts";
import type { TaskId, TaskState } from "../../src/core/task.ts";
import type { AttemptStart, Outcome } from "../../src/engine/agent.ts";
import type { Fact, SubmitBatch, SubmitReply } from "../../src/engine/types.ts";
import type { Commit } from "../../src/store/rows.ts";
import { checkAfter, checkBefore } from "./commit-checks.ts";
import { DurableModel, isSettled, tokenOf } from "./durable-model.ts";
import { Executions, type Execution } from "./executions.ts";
import { TypeLimits } from "./type-limits.ts";

export interface CheckerOptions {
  readonly stopGraceMs: number;
  /** Units of a limit key; the workload never changes them. */
  readonly unitsOf: (limitKey: string) => number;
}

export class Checker {
  readonly model = new DurableModel();
  readonly executions: Executions;
  readonly typeLimits: TypeLimits;
  /** Broken rules, each a sentence. */
  readonly broken: string[] = [];
  readonly #options: CheckerOptions;
  readonly #sent = new Map<Commit, number>();
  readonly #ackedKeys = new Map<string, TaskId>();
  readonly #rerunKeys = new Set<string>();
  readonly #ackedIds = new Set<TaskId>();
  readonly #ackedCheckpoints = new Map<TaskId, number>();
  readonly #open = new Map<string, number>();
  #sentCount = 0;
  #epoch = 0;

  constructor(options: CheckerOptions) {
    this.#options = options;
    this.executions = new Executions(this.model, options.stopGraceMs);
    this.typeLimits = new TypeLimits();
  }

  readonly fail = (sentence: string): void => {
    this.broken.push(sentence);
  };

  // --- the store ---

  opened(epoch: number): void {
    if (epoch <= this.#epoch) this.fail(`epoch ${epoch} follows epoch ${this.#epoch}`);
    this.#epoch = epoch;
  }

  commitSent(commit: Commit): void {
    this.#sent.set(commit, ++this.#sentCount);
  }

  /** Retention ran: these are all that the store holds now. */
  retained(ids: ReadonlySet<TaskId>): void {
    for (const [id, known] of this.model.tasks) {
      if (ids.has(id) || known.deleted) continue;
      known.deleted = true;
      if (!isSettled(known.row.state)) this.fail(`task ${id} was deleted while it was ${known.row.state}`);
      else if (known.row.flowId !== null && this.model.flows.get(known.row.flowId)?.finishedAt === null) this.fail(`task ${id} was deleted from an unfinished flow`);
    }
  }

  get sentCount(): number {
    return this.#sentCount;
  }

  committed(commit: Commit): void {
    if (commit.epoch !== this.#epoch) this.fail(`a commit of epoch ${commit.epoch} took effect at epoch ${this.#epoch}`);
    const rules = { model: this.model, reports: this.executions, broken: this.fail };
    checkBefore(rules, commit);
    const steps = this.model.apply(commit, this.#sent.get(commit) ?? Infinity);
    this.#sent.delete(commit);
    checkAfter(rules, commit, steps);
  }

  // --- what really runs ---

  started(start: AttemptStart, life: number, epoch: number, agent: AgentSpec): void {
    const token = tokenOf(start.id, start.attempt);
    const assignment = this.model.assigned.get(token);
    if (assignment === undefined) return this.fail(`attempt ${token} started before its assignment was durable`);
    const assignedTo = this.model.agentNames.get(assignment.agentId);
    if (assignedTo !== agent.name) this.fail(`attempt ${token} started on ${agent.name} and is assigned to ${assignedTo}`);
    const execution = this.executions.start(start.id, start.attempt, life, agent);
    if (execution === undefined) return this.fail(`attempt ${token} started twice`);
    for (const { at, sent, running } of this.executions.together(execution)) this.#checkLimits(at, sent, running);
    if (epoch === this.#epoch) this.#checkGiven(start);
  }

  #checkLimits({ agent, slots, limitKey, type, life }: Execution, sent: number, running: readonly Execution[]): void {
    const onAgent = running.filter((other) => other.agent === agent);
    if (onAgent.length > slots) this.fail(`${onAgent.length} attempts run on ${agent}, which has ${slots} slots: ${tokens(onAgent)}`);
    const units = limitKey === null ? Infinity : this.#options.unitsOf(limitKey);
    const ofKey = running.filter((other) => other.limitKey === limitKey);
    if (ofKey.length > units) this.fail(`${ofKey.length} attempts run with limit key ${limitKey}: ${tokens(ofKey)}`);
    const typeLimit = this.typeLimits.of(life, type, sent);
    const ofType = running.filter((other) => other.type === type);
    if (ofType.length > typeLimit) this.fail(`${ofType.length} attempts of type ${type} run with a limit of ${typeLimit}: ${tokens(ofType)}`);
  }

  #checkGiven(start: AttemptStart): void {
    const { row, redriven } = this.model.tasks.get(start.id)!;
    const token = tokenOf(start.id, start.attempt);
    if (start.input !== row.input) this.fail(`attempt ${token} was given another input than was submitted`);
    if (start.checkpoint !== row.checkpoint) this.fail(`attempt ${token} was given the checkpoint ${start.checkpoint}; the last one is ${row.checkpoint}`);
    if (redriven) return;
    const given = [...start.needs, ...(start.wake?.kind === "children" ? start.wake.outcomes : [])];
    for (const outcome of given) this.#checkOutcome(outcome, `attempt ${token} was told`);
  }

  checkpointAcked(id: TaskId, number: number): void {
    this.#ackedCheckpoints.set(id, Math.max(number, this.#ackedCheckpoints.get(id) ?? 0));
    this.#checkCheckpoint(id);
  }

  #checkCheckpoint(id: TaskId): void {
    const acked = this.#ackedCheckpoints.get(id) ?? 0;
    const { checkpoint } = this.model.tasks.get(id)?.row ?? {};
    const kept = checkpoint === undefined ? 0 : (JSON.parse(checkpoint) as { n: number }).n;
    if (kept < acked) this.fail(`task ${id}: checkpoint ${acked} was acknowledged, and the durable one is ${kept}`);
  }

  // --- promises to clients ---

  /** A call whose promise must settle, unless its engine is killed. */
  called(life: number, name: string, promise: Promise<unknown>): void {
    const call = `${name} (life ${life})`;
    this.#open.set(call, (this.#open.get(call) ?? 0) + 1);
    const settled = (): void => {
      const left = (this.#open.get(call) ?? 1) - 1;
      if (left === 0) this.#open.delete(call);
      else this.#open.set(call, left);
    };
    promise.then(settled, settled);
  }

  /** The engine is dead: nobody waits for it. */
  forgive(life: number): void {
    for (const call of this.#open.keys()) if (call.endsWith(`(life ${life})`)) this.#open.delete(call);
  }

  get openCalls(): string[] {
    return [...this.#open.keys()];
  }

  /** From now on a task may take the place of the one that has the key: the answer to who asked for it may get lost. */
  rerunAsked(keys: readonly string[]): void {
    for (const key of keys) this.#rerunKeys.add(key);
  }

  submitted(batch: SubmitBatch, reply: SubmitReply): void {
    if (reply.ids.length !== batch.tasks.length) return this.fail(`${batch.tasks.length} tasks were submitted and ${reply.ids.length} acknowledged`);
    batch.tasks.forEach(({ key, input }, index) => {
      const id = reply.ids[index]!;
      const known = this.model.tasks.get(id);
      if (known === undefined) return this.fail(`task ${id} was acknowledged and is not durable`);
      this.#ackedIds.add(id);
      if (key === undefined) {
        if (known.row.input !== input) this.fail(`task ${id} was acknowledged with another input`);
        return;
      }
      const before = this.#ackedKeys.get(key);
      if (before !== undefined && before !== id && !this.#hasGivenUp(key, before)) this.fail(`key ${key} was acknowledged as task ${before} and as task ${id}`);
      this.#ackedKeys.set(key, id);
    });
  }

  /** Whether the task may have lost its key: retention has deleted it, or it is durable that another took its place as somebody asked. */
  #hasGivenUp(key: string, id: TaskId): boolean {
    const task = this.model.tasks.get(id);
    return task?.deleted === true || (this.#rerunKeys.has(key) && task?.row.key === null);
  }

  childSubmitted(id: TaskId, parent: TaskId): void {
    const known = this.model.tasks.get(id);
    if (known === undefined) this.fail(`child ${id} was acknowledged and is not durable`);
    else if (known.row.parentId !== parent) this.fail(`child ${id} of task ${parent} has the parent ${known.row.parentId}`);
    this.#ackedIds.add(id);
  }

  cancelled(ids: readonly TaskId[]): void {
    for (const id of ids) {
      const known = this.model.tasks.get(id);
      if (known !== undefined && !known.redriven && !isSettled(known.row.state)) this.fail(`task ${id} was cancelled and is ${known.row.state}`);
    }
  }

  answered(id: TaskId, answers: ReadonlySet<Payload>): void {
    const { answer } = this.model.tasks.get(id)?.row ?? {};
    if (answer === undefined || !answers.has(answer)) this.fail(`task ${id} was answered and the answer is not durable`);
  }

  redriveAsked(ids: readonly TaskId[]): void {
    for (const id of ids) {
      const known = this.model.tasks.get(id);
      if (known !== undefined) known.redriven = true;
    }
  }

  settled(id: TaskId, outcome: Outcome): void {
    if (outcome.id !== id) this.fail(`who waited for task ${id} was told of task ${outcome.id}`);
    this.#checkOutcome(outcome, "a client was told");
  }

  told(facts: readonly Fact[]): void {
    for (const fact of facts) {
      const known = this.model.tasks.get(fact.task.id);
      if (known === undefined) this.fail(`watchers were told of task ${fact.task.id}, which is not durable`);
      else if (isSettled(fact.state) && known.row.state !== fact.state && !known.redriven) this.fail(`watchers were told that task ${fact.task.id} is ${fact.state}, and it is ${known.row.state}`);
    }
  }

  #checkOutcome({ id, state, result }: Outcome, who: string): void {
    const known = this.model.tasks.get(id);
    if (known === undefined) return this.fail(`${who} of task ${id}, which is not durable`);
    if (known.redriven || known.deleted) return;
    if (state !== known.row.state || !isSettled(state)) this.fail(`${who} that task ${id} is ${state}, and it is ${known.row.state}`);
    else if (result !== known.row.result) this.fail(`${who} the result ${result} of task ${id}, and it is ${known.row.result}`);
  }

  /** What must hold when everything is over. */
  end(stored: ReadonlyMap<TaskId, TaskState>, results: ReadonlyMap<TaskId, Payload | undefined>): void {
    for (const id of this.#ackedIds) if (!stored.has(id) && this.model.tasks.get(id)?.deleted !== true) this.fail(`task ${id} was acknowledged and is lost`);
    for (const [id, { row }] of this.model.tasks) {
      if (!isSettled(row.state)) this.fail(`task ${id} is still ${row.state}${row.parkedFor === null ? "" : ` for ${row.parkedFor}`}`);
      if (!stored.has(id)) continue;
      if (stored.get(id) !== row.state) this.fail(`task ${id} is ${stored.get(id)} in the store; the commits made it ${row.state}`);
      if (results.get(id) !== row.result) this.fail(`task ${id} has another result in the store than the commits gave it`);
    }
    for (const id of stored.keys()) if (!this.model.tasks.has(id)) this.fail(`task ${id} is in the store and no commit made it`);
    for (const id of this.#ackedCheckpoints.keys()) this.#checkCheckpoint(id);
    for (const call of this.#open.keys()) this.fail(`${call} never came back`);
  }
}

function tokens(executions: readonly Execution[]): string {
  return executions.map(({ token }) => token).join(", ");
}
