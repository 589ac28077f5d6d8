// The best that any schedule of a few jobs can do, found by trying all of them (or all states they can pass through): no theorem is
// used beyond the ones named. Sizes and times are whole numbers.

/** Least cost of the orders of jobs on one machine, where the cost of a job follows from when it ends (over all subsets, Held and Karp 1962). */
export function bestOrder(sizes: readonly number[], costOf: (job: number, endsAt: number) => number, join: (a: number, b: number) => number): number {
  const all = (1 << sizes.length) - 1;
  const best = new Array<number>(all + 1).fill(Infinity);
  best[0] = -Infinity;
  for (let set = 1; set <= all; set++) {
    const endsAt = sizes.reduce((sum, size, job) => ((set >> job) & 1) === 1 ? sum + size : sum, 0);
    for (let last = 0; last < sizes.length; last++) {
      if (((set >> last) & 1) === 0) continue;
      const before = best[set & ~(1 << last)]!;
      const cost = costOf(last, endsAt);
      best[set] = Math.min(best[set]!, before === -Infinity ? cost : join(before, cost));
    }
  }
  return best[all]!;
}

/**
 * The same where jobs have release times and may be interrupted at whole times: over all vectors of remaining work. The
 * machine never idles while a job is there, which costs nothing if later ends never cost less.
 */
export function bestPreemptive(
  jobs: readonly { readonly releaseAt: number; readonly size: number }[],
  costOf: (job: number, endsAt: number) => number,
  join: (a: number, b: number) => number,
): number {
  // Whoever is served, the machine is busy in the same units of time: the k-th unit of work is done from busy[k] on.
  const busy: number[] = [];
  const total = jobs.reduce((sum, { size }) => sum + size, 0);
  for (let at = 0; busy.length < total; at++) {
    const released = jobs.reduce((sum, { releaseAt, size }) => (releaseAt <= at ? sum + size : sum), 0);
    if (released > busy.length) busy.push(at);
  }
  const strides: number[] = [];
  let states = 1;
  for (const { size } of jobs) {
    strides.push(states);
    states *= size + 1;
  }
  // A state is the work done of each job, as the digits of a number; what follows a state has a greater number.
  const best = new Float64Array(states).fill(Infinity);
  best[states - 1] = Number.NaN;
  for (let state = states - 2; state >= 0; state--) {
    let done = 0;
    for (let job = 0; job < jobs.length; job++) done += digit(state, job);
    const at = busy[done]!;
    for (let job = 0; job < jobs.length; job++) {
      const { releaseAt, size } = jobs[job]!;
      const worked = digit(state, job);
      if (releaseAt > at || worked === size) continue;
      const after = best[state + strides[job]!]!;
      const ends = worked + 1 === size;
      const cost = !ends ? after : Number.isNaN(after) ? costOf(job, at + 1) : join(costOf(job, at + 1), after);
      if (cost < best[state]!) best[state] = cost;
    }
  }
  return best[0]!;

  function digit(state: number, job: number): number {
    return Math.floor(state / strides[job]!) % (jobs[job]!.size + 1);
  }
}

/** Least cost of all ways to put independent jobs on equal machines; the cost of a way follows from the sizes on each. */
export function bestAssignment(sizes: readonly number[], machines: number, costOf: (loads: readonly (readonly number[])[]) => number): number {
  let best = Infinity;
  const loads: number[][] = Array.from({ length: machines }, () => []);
  const place = (job: number): void => {
    if (job === sizes.length) {
      best = Math.min(best, costOf(loads));
      return;
    }
    for (const load of loads) {
      load.push(sizes[job]!);
      place(job + 1);
      load.pop();
    }
  };
  place(0);
  return best;
}

/** Least makespan of two machines that all jobs pass one after the other, over all orders (the order is the same on both: Johnson 1954). */
export function bestFlowShop(jobs: readonly { readonly first: number; readonly second: number }[]): number {
  const search = (left: number, firstFree: number, secondFree: number): number => {
    if (left === 0) return secondFree;
    let best = Infinity;
    jobs.forEach(({ first, second }, job) => {
      if (((left >> job) & 1) === 0) return;
      const handed = firstFree + first;
      best = Math.min(best, search(left & ~(1 << job), handed, Math.max(handed, secondFree) + second));
    });
    return best;
  };
  return search((1 << jobs.length) - 1, 0, 0);
}

/** Least number of steps for tasks of one step each that need others, on equal machines: over all sets of done tasks. */
export function bestUnitSteps(needs: readonly (readonly number[])[], machines: number): number {
  const all = (1 << needs.length) - 1;
  let reached = new Set([0]);
  for (let steps = 0; ; steps++) {
    if (reached.has(all)) return steps;
    const next = new Set<number>();
    for (const done of reached) {
      const ready = needs.flatMap((list, task) => (((done >> task) & 1) === 0 && list.every((need) => ((done >> need) & 1) === 1) ? [task] : []));
      for (let choice = 1; choice < 1 << ready.length; choice++) {
        const chosen = ready.filter((_, index) => ((choice >> index) & 1) === 1);
        if (chosen.length === Math.min(machines, ready.length)) next.add(chosen.reduce((set, task) => set | (1 << task), done));
      }
    }
    reached = next;
  }
}

/** Least makespan of tasks that need others on equal machines: each task at its earliest in the gaps, over all orders (all active schedules). */
export function bestMakespan(tasks: readonly { readonly size: number; readonly needs: readonly number[] }[], machines: number): number {
  const horizon = tasks.reduce((sum, { size }) => sum + size, 0);
  const used = new Int32Array(horizon + 1);
  const ends = new Array<number>(tasks.length).fill(-1);
  let best = Infinity;
  const search = (left: number, makespan: number): void => {
    if (makespan >= best) return;
    if (left === 0) {
      best = makespan;
      return;
    }
    tasks.forEach(({ size, needs }, task) => {
      if (ends[task] !== -1 || needs.some((need) => ends[need] === -1)) return;
      let from = needs.reduce((latest, need) => Math.max(latest, ends[need]!), 0);
      for (let at = from; at < from + size; at++) if (used[at]! >= machines) from = at + 1;
      for (let at = from; at < from + size; at++) used[at]! += 1;
      ends[task] = from + size;
      search(left - 1, Math.max(makespan, from + size));
      for (let at = from; at < from + size; at++) used[at]! -= 1;
      ends[task] = -1;
    });
  };
  search(tasks.length, 0);
  return best;
}
