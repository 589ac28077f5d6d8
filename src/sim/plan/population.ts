/** The candidates of a search: lists of tasks with the class chosen for each, in two halves, parents before children. */
export interface Candidate {
  /** Tasks, each after all that it needs. */
  readonly list: Int32Array;
  /** By task: a class of agents, or ANY_CLASS. */
  readonly choices: Int32Array;
  /** Tasks that could not start later without a longer makespan, as far as the last two passes tell; the first `criticalCount` count. */
  readonly critical: Int32Array;
  criticalCount: number;
  makespan: number;
  /** Tells schedules apart: of two with the same mark one is enough. */
  mark: number;
}

export function createCandidate(size: number): Candidate {
  return { list: new Int32Array(size), choices: new Int32Array(size).fill(-1), critical: new Int32Array(size), criticalCount: 0, makespan: Infinity, mark: 0 };
}

export function copySchedule(from: Pick<Candidate, "list" | "choices">, to: Candidate): void {
  to.list.set(from.list);
  to.choices.set(from.choices);
}

export function copyCandidate(from: Candidate, to: Candidate): void {
  copySchedule(from, to);
  to.makespan = from.makespan;
  to.mark = from.mark;
}

/** The shortest first; those whose schedule is already there go to the end, whatever their makespan. */
export function ranked(candidates: readonly Candidate[]): Candidate[] {
  const byMakespan = [...candidates].sort((a, b) => a.makespan - b.makespan);
  const seen = new Set<number>();
  const first: Candidate[] = [];
  const again: Candidate[] = [];
  for (const candidate of byMakespan) {
    if (seen.has(candidate.mark)) again.push(candidate);
    else first.push(candidate);
    seen.add(candidate.mark);
  }
  return [...first, ...again];
}
