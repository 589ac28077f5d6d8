/**
 * Rows of a trace: an agent does several attempts at once, so each gets the first lane of its agent that is free at its start,
 * and no two in a lane overlap. Attempts are read by task, lanes are given by time; so the times of all attempts are held
 * here, in about 40 bytes each, and nothing else of them.
 */
export interface LaneAttempt {
  readonly taskId: number;
  readonly attempt: number;
  readonly agentId: number;
  readonly from: number;
  readonly to: number;
}

const FIELDS = 5;

/** Lanes by attempt, asked in the order in which the attempts were given. */
export interface Lanes {
  /** 1 or more; undefined for an attempt that was not among them. */
  laneOf(taskId: number, attempt: number): number | undefined;
}

/** `attempts` come in order of task and attempt. */
export function assignLanes(attempts: Iterable<LaneAttempt>): Lanes {
  let fields = new Float64Array(FIELDS * 1_024);
  let count = 0;
  for (const { taskId, attempt, agentId, from, to } of attempts) {
    if (fields.length < (count + 1) * FIELDS) {
      const larger = new Float64Array(fields.length * 2);
      larger.set(fields);
      fields = larger;
    }
    fields.set([taskId, attempt, agentId, from, to], count * FIELDS);
    count += 1;
  }
  const at = (index: number, field: number): number => fields[index * FIELDS + field]!;
  const order = Uint32Array.from({ length: count }, (_, index) => index).sort((a, b) => at(a, 3) - at(b, 3) || a - b);
  const lanes = new Uint16Array(count);
  /** When each lane of an agent is free again. */
  const freeAt = new Map<number, number[]>();
  for (const index of order) {
    const agentId = at(index, 2);
    const ends = freeAt.get(agentId) ?? [];
    if (ends.length === 0) freeAt.set(agentId, ends);
    const free = ends.findIndex((end) => end <= at(index, 3));
    const lane = free === -1 ? ends.length : free;
    ends[lane] = at(index, 4);
    lanes[index] = lane + 1;
  }
  let next = 0;
  return {
    laneOf(taskId, attempt) {
      while (next < count && (at(next, 0) < taskId || (at(next, 0) === taskId && at(next, 1) < attempt))) next += 1;
      return next < count && at(next, 0) === taskId && at(next, 1) === attempt ? lanes[next] : undefined;
    },
  };
}
