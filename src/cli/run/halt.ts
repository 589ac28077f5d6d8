/**
 * When a run stops early, as GNU parallel's `--halt`: `now,fail=1` (stop what runs at the first failure), `soon,fail=10%` (start no more
 * once a tenth has failed), `now,success=1` (the first success is enough), `soon,done=100`, `never`.
 */
import { MakespanError } from "../../protocol/errors.ts";

export interface HaltRule {
  /** `soon`: start no more; `now`: also stop what runs. */
  readonly when: "soon" | "now";
  readonly what: "fail" | "success" | "done";
  readonly limit: { readonly kind: "count"; readonly count: number } | { readonly kind: "percent"; readonly percent: number };
}

/** Below this many outcomes a share says nothing (while the number of tasks is not known yet). */
const LEAST_OUTCOMES = 3;

/** Undefined for `never`. Throws `invalid_option`. */
export function parseHalt(text: string): HaltRule | undefined {
  if (text === "never") return undefined;
  const match = /^(now|soon),(fail|success|done)=(\d{1,9}(?:\.\d+)?)(%?)$/.exec(text);
  const number = Number(match?.[3]);
  const isPercent = match?.[4] === "%";
  if (match === null || number <= 0 || (isPercent ? number > 100 : !Number.isInteger(number))) {
    throw new MakespanError("invalid_option", `--halt expects never, or now|soon,fail|success|done=N or N%, as in soon,fail=10%; got ${JSON.stringify(text)}`);
  }
  return {
    when: match[1] as HaltRule["when"],
    what: match[2] as HaltRule["what"],
    limit: isPercent ? { kind: "percent", percent: number } : { kind: "count", count: number },
  };
}

export class Halt {
  /** Number of tasks of the run, once it is known; shares count against it, and until then against the outcomes so far. */
  total: number | undefined;
  private readonly rule: HaltRule | undefined;
  private succeeded = 0;
  /** Tasks that failed, by id: one that is redriven counts by its last outcome. */
  private readonly failed = new Set<number>();
  private reached = false;

  constructor(rule: HaltRule | undefined, total?: number) {
    this.rule = rule;
    this.total = total;
  }

  /** Counts the outcome of a task that ran; says whether the run may go on. Once it may not, it stays so. */
  record(id: number, outcome: "succeeded" | "failed"): "go" | "soon" | "now" {
    if (outcome === "failed") this.failed.add(id);
    else {
      this.failed.delete(id);
      this.succeeded += 1;
    }
    return this.decide();
  }

  private decide(): "go" | "soon" | "now" {
    if (this.rule === undefined) return "go";
    this.reached ||= this.isReached(this.rule);
    return this.reached ? this.rule.when : "go";
  }

  private isReached({ what, limit }: HaltRule): boolean {
    const done = this.succeeded + this.failed.size;
    const count = what === "fail" ? this.failed.size : what === "success" ? this.succeeded : done;
    if (count === 0) return false;
    if (limit.kind === "count") return count >= limit.count;
    // How many are done is a share of all or of nothing.
    if (this.total === undefined && (what === "done" || done < LEAST_OUTCOMES)) return false;
    return count * 100 >= limit.percent * (this.total ?? done);
  }
}
