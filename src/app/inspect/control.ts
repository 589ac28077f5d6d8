/**
 * Asks for a change of the tasks in a file, whether or not an engine has it open. An engine that owns the file finds the request
 * in it and carries it out; without one, an engine without agents is opened here for just that.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createEngine } from "../../engine/engine.ts";
import { systemClock } from "../../engine/clock.ts";
import type { OutsideRequest } from "../../engine/requests.ts";
import { Settings } from "../../engine/settings.ts";
import type { Engine } from "../../engine/types.ts";
import { isMakespanError, MakespanError } from "../../protocol/errors.ts";
import { isOwned, openSqliteReader, requestAppend, type SqliteReader } from "../../store/sqlite/reader.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { refuseUnknown } from "../choices.ts";

export type { OutsideRequest } from "../../engine/requests.ts";

/** Who made the change. */
export type CarriedOutBy = "owner" | "here";

/** An owner that has not answered after this long is stuck, in ms; its polls are a quarter of a second apart. */
const OWNER_WAIT_MS = 30_000;
const POLL_MS = 50;

/**
 * Resolves when the change is durable. Rejects with what the engine refuses the request for, with `store_*` when the file cannot
 * be used, and with `store_in_use` when its owner does not answer (the request stays, for it or the next one).
 */
export async function control(path: string, request: OutsideRequest): Promise<CarriedOutBy> {
  // An owner has no way to answer.
  if (request.kind === "policy" || request.kind === "balancer" || request.kind === "fair-share") refuseUnknown(request);
  for (;;) {
    if (isOwned(path)) return askOwner(path, request);
    try {
      await carryOutHere(path, (engine) => apply(engine, request));
      return "here";
    } catch (error) {
      // Somebody opened it in between: ask them.
      if (!isMakespanError(error, "store_in_use") || !isOwned(path)) throw error;
    }
  }
}

async function askOwner(path: string, request: OutsideRequest): Promise<CarriedOutBy> {
  const id = requestAppend(path, JSON.stringify(request));
  const until = performance.now() + OWNER_WAIT_MS;
  const reader = openSqliteReader(path);
  try {
    while (reader.requestList(Number.MAX_SAFE_INTEGER).some((row) => row.id === id)) {
      if (performance.now() > until) throw stuck(path);
      // The owner ended first: its successor carries out what it left.
      if (!isOwned(path)) await carryOutHere(path, (engine) => untilEmpty(reader, engine)).catch(ifNotInUse);
      await delay(POLL_MS);
    }
    checkKept(reader, request);
  } finally {
    reader.close();
  }
  return "owner";
}

/** An owner of another version may know less than this one. */
function checkKept(reader: SqliteReader, request: OutsideRequest): void {
  if (request.kind !== "policy" && request.kind !== "balancer") return;
  const [wanted] = new Settings([]).keep(request);
  const kept = reader.settingList().find(({ name }) => name === wanted?.name)?.value;
  if (kept === wanted?.value) return;
  throw new MakespanError(`${request.kind}_unknown`, `The engine that has the file open did not take ${wanted?.value ?? ""}: it is of another version of Makespan, or somebody chose another one at the same time.`);
}

async function carryOutHere(path: string, act: (engine: Engine) => Promise<unknown>): Promise<void> {
  const engine = await createEngine({ store: createSqliteStore({ path }), clock: systemClock, limits: { requestEveryMs: POLL_MS } });
  try {
    await act(engine);
  } finally {
    await engine.close("leave");
  }
}

function apply(engine: Engine, request: OutsideRequest): Promise<unknown> {
  switch (request.kind) {
    case "cancel":
      return engine.cancel(request.select, request.reason);
    case "redrive":
      return engine.redrive(request.ids);
    case "answer":
      return engine.answer(request.id, request.answer);
    case "pause":
      return engine.pause(request.queue);
    case "resume":
      return engine.resume(request.queue);
    case "policy":
      return engine.setPolicy(request.queue, request.policy);
    case "balancer":
      return engine.setBalancer(request.balancer);
    case "distances":
      return engine.setDistances(request.distances);
    case "fair-share":
      return engine.setFairShare(request.queue, request.weights);
    case "limit":
      return engine.setLimit(request.name, request.rule);
  }
}

async function untilEmpty(reader: SqliteReader, engine: Engine): Promise<void> {
  while (reader.requestList(1).length > 0) {
    if (engine.failure !== undefined) throw engine.failure;
    await delay(POLL_MS);
  }
}

function ifNotInUse(error: unknown): void {
  if (!isMakespanError(error, "store_in_use")) throw error;
}

function stuck(path: string): MakespanError {
  const message = `The engine that has ${path} open has not answered for ${OWNER_WAIT_MS / 1000} s. The request is kept: it, or the next run, carries it out.`;
  return new MakespanError("store_in_use", message, { path });
}
