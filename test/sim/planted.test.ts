/**
 * The checker itself is tested: bugs are planted in what the engine is given (its store, its agents), not in its code, and
 * must be found within 1000 seeds.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TaskId } from "../../src/core/task.ts";
import type { AgentDriver, AttemptReporter } from "../../src/engine/agent.ts";
import type { Store } from "../../src/store/store.ts";
import type { Wrappers } from "./lives.ts";
import { runSeed } from "./simulation.ts";

const WITHIN_SEEDS = 1_000;

/** Says of every commit at once that it is durable, so that commands go out before it is. */
function hastyStore(store: Store): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      if (name !== "commit") return target[name];
      return async (commit: Parameters<Store["commit"]>[0]) => {
        target.commit(commit).catch(() => undefined);
      };
    },
  });
}

/** Says of every commit of changed tasks (not of new ones) that it is durable when it is not: a rarer form of the same. */
function sometimesHastyStore(store: Store): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      if (name !== "commit") return target[name];
      return async (commit: Parameters<Store["commit"]>[0]) => {
        const committed = target.commit(commit);
        if (commit.inserts.length > 0 || !commit.patches.some((patch) => patch.state === "succeeded")) return committed;
        committed.catch(() => undefined);
      };
    },
  });
}

/** Takes the reports of every attempt for those of the latest one: a fence that lets stale tokens through. */
function createUnfencedAgents(): (agent: AgentDriver) => AgentDriver {
  const latest = new Map<TaskId, { readonly attempt: number; readonly reporter: AttemptReporter }>();
  return (agent) => ({
    spec: agent.spec,
    start(start, reporter) {
      const known = latest.get(start.id);
      if (known === undefined || known.attempt <= start.attempt) latest.set(start.id, { attempt: start.attempt, reporter });
      const current = (): AttemptReporter => latest.get(start.id)!.reporter;
      agent.start(start, {
        succeed: (result, usage) => current().succeed(result, usage),
        fail: (failure, usage) => current().fail(failure, usage),
        park: (until, checkpoint, usage) => reporter.park(until, checkpoint, usage),
        release: (checkpoint, usage) => reporter.release(checkpoint, usage),
        backOff: (limit, retryAfterMs, checkpoint, usage) => reporter.backOff(limit, retryAfterMs, checkpoint, usage),
        checkpoint: (checkpoint) => reporter.checkpoint(checkpoint),
        submit: (child) => reporter.submit(child),
        log: (level, text) => reporter.log(level, text),
        progress: (fraction, note) => reporter.progress(fraction, note),
      });
    },
    stop: (id, attempt, reason) => agent.stop(id, attempt, reason),
    close: () => agent.close(),
  });
}

const planted: readonly (readonly [bug: string, wrappers: () => Wrappers, found: RegExp])[] = [
  ["a command released before its commit", () => ({ store: hastyStore }), /before its assignment was durable/],
  ["a result told before its commit", () => ({ store: sometimesHastyStore }), /./],
  ["a stale token accepted", () => ({ agent: createUnfencedAgents() }), /which attempt \d+#\d+ never gave/],
];

describe("planted bugs", () => {
  for (const [bug, wrappers, sentence] of planted) {
    it(`finds ${bug} within ${WITHIN_SEEDS} seeds`, async (t) => {
      for (let seed = 1; seed <= WITHIN_SEEDS; seed++) {
        const { broken } = await runSeed({ seed, wrappers: wrappers() });
        const found = broken.find((rule) => sentence.test(rule));
        if (found === undefined) continue;
        t.diagnostic(`found by seed ${seed}: ${found}`);
        return;
      }
      assert.fail("not found");
    });
  }
});
