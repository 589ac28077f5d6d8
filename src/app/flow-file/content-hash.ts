/**
 * Recognises work by its content. The hash of a task covers what it does (command or handler with the handler's source, input,
 * environment, folder, stdin) and the hashes of the tasks that it needs, in order; so a change anywhere runs what depends on it
 * again (a key of the user's own takes the place of the content), and moving tasks or changing their priority, retries or time-outs runs nothing again. SHA-256, base64url.
 */
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { MakespanError } from "../../protocol/errors.ts";
import { canonicalJson } from "../../protocol/json.ts";
import type { PlannedTask, TaskDraft, Work } from "../../protocol/task-plan.ts";

/** Raised when equal content must give another hash because its meaning has changed. */
const CONTENT_VERSION = 1;

/** Digest of the source of a handler's module, by the path in the flow file. */
export type ModuleHashes = ReadonlyMap<string, string>;

/** SHA-256 of text as base64url (43 letters). */
export function digest(text: string): string {
  return hash("sha256", text, "base64url");
}

/**
 * Digest of a handler's module. What it imports is not looked at. Read at once: there are few of them, and each is read once.
 * Throws `handler_missing`.
 */
export function hashModule(folder: string, module: string): string {
  try {
    return hash("sha256", readFileSync(resolve(folder, module)), "base64url");
  } catch (error) {
    const missing = (error as { readonly code?: unknown }).code === "ENOENT";
    const reason = missing ? `there is no such file in ${folder}` : error instanceof Error ? error.message : String(error);
    throw new MakespanError("handler_missing", `the module ${JSON.stringify(module)} cannot be read: ${reason}`, { module }, { cause: error });
  }
}

/** The hash of work that needs nothing. `moduleHash` is that of a call's source. */
export function workHash(work: Work, needs: readonly string[] = [], options: { readonly moduleHash?: string; readonly expand?: TaskDraft["expand"] } = {}): string {
  return digest(canonicalJson({ expand: options.expand, module: options.moduleHash, needs: needs.length === 0 ? undefined : needs, version: CONTENT_VERSION, work: essence(work) }));
}

/** Only what can change the outcome; empty parts are left out, so that stating a default changes nothing. */
function essence(work: Work): unknown {
  if (work.kind === "call") return work;
  const { command, env, cwd, stdin, result } = work;
  return {
    [command.kind]: command.kind === "shell" ? command.script : command.argv,
    cwd,
    env: isEmpty(env) ? undefined : env,
    result: result === "last-line" ? undefined : result,
    stdin,
  };
}

function isEmpty(map: object): boolean {
  for (const _ in map) return false;
  return true;
}

/** Hashes in dependency order, whatever the order in the file. Equal tasks are numbered, so that each of them runs. */
export function hashTasks(drafts: readonly TaskDraft[], modules: ModuleHashes): readonly PlannedTask[] {
  const content = new ContentHashes(drafts, modules);
  const copies = new Map<string, number>();
  return drafts.map((draft) => {
    const contentHash = content.of(draft);
    const ordinal = copies.get(contentHash) ?? 0;
    copies.set(contentHash, ordinal + 1);
    return { ...draft, contentHash: ordinalHash(contentHash, ordinal) };
  });
}

/**
 * The hashes that tasks with equal content share. A task that needs one of several equal tasks is the same whichever it needs, since
 * their results mean the same; so ordinals stay out of the hashes of dependents.
 */
class ContentHashes {
  private readonly byId: ReadonlyMap<string, TaskDraft>;
  private readonly modules: ModuleHashes;
  private readonly known = new Map<string, string>();
  /** By the list of ids, which all dependents of a group share. */
  private readonly ofGroups = new Map<readonly string[], string>();

  constructor(drafts: readonly TaskDraft[], modules: ModuleHashes) {
    this.byId = new Map(drafts.map((draft) => [draft.id, draft]));
    this.modules = modules;
  }

  /** Without recursion, so that a chain of any length fits. The parser has made sure that there is no circle. */
  of(draft: TaskDraft): string {
    const stack = [draft];
    for (let task = stack.at(-1); task !== undefined; task = stack.at(-1)) {
      const open = this.known.has(task.id) ? [] : this.openNeeds(task);
      for (const id of open) stack.push(this.byId.get(id)!);
      if (open.length > 0) continue;
      if (!this.known.has(task.id)) this.known.set(task.id, this.hash(task));
      stack.pop();
    }
    return this.known.get(draft.id)!;
  }

  private openNeeds(task: TaskDraft): readonly string[] {
    return task.needs.flatMap(({ ids }) => (this.ofGroups.has(ids) ? [] : ids.filter((id) => !this.known.has(id))));
  }

  private hash(task: TaskDraft): string {
    // Whoever gives a key says when the task is another one; what depends on it is then another one too.
    if (task.key !== undefined) return digest(`key:${task.key}`);
    const moduleHash = task.work.kind === "call" ? this.modules.get(task.work.module) : undefined;
    const needs = task.needs.map((need) => (need.group ? this.groupHash(need.ids) : this.known.get(need.ids[0]!)!));
    return workHash(task.work, needs, { ...(moduleHash === undefined ? {} : { moduleHash }), expand: task.expand });
  }

  private groupHash(ids: readonly string[]): string {
    let hash = this.ofGroups.get(ids);
    if (hash === undefined) {
      hash = digest(ids.map((id) => this.known.get(id)).join(","));
      this.ofGroups.set(ids, hash);
    }
    return hash;
  }
}

/** The hash of the copy number `ordinal` (from 0) of equal tasks. */
export function ordinalHash(contentHash: string, ordinal: number): string {
  return ordinal === 0 ? contentHash : digest(`${contentHash}#${ordinal}`);
}
