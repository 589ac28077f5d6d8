/**
 * Which store file a command means. One rule for every command, so that what `makespan run` wrote is what `makespan ls` reads
 * in the same folder: `--db`, else MAKESPAN_DB, else a name that follows from the flow file or lies in the folder.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { MakespanError } from "../protocol/errors.ts";

/** The file of runs that have no flow file (lists of tasks and lines of stdin). */
export const LIST_DB = "makespan.db";

/** A flow file `deploy.yaml` has its tasks in `deploy.makespan.db`. */
export const FLOW_DB_SUFFIX = ".makespan.db";

export interface DbChoice {
  /** What `--db` says. */
  readonly explicit?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** The file that a run keeps its tasks in: beside its flow file, or `makespan.db` in the folder for lists. */
export function dbPathForRun(choice: DbChoice & { readonly flowFile?: string | undefined }): string {
  const named = namedPath(choice);
  if (named !== undefined) return named;
  if (choice.flowFile === undefined) return join(choice.folder, LIST_DB);
  const flowPath = resolve(choice.folder, choice.flowFile);
  return join(dirname(flowPath), basename(flowPath, extname(flowPath)) + FLOW_DB_SUFFIX);
}

/**
 * The file that a command looks at: the one that was named, else `makespan.db` in the folder, else its only `*.makespan.db`.
 * Throws `store_not_found` when there is none and `invalid_option` when there are several.
 */
export function dbPathToInspect(choice: DbChoice): string {
  const named = namedPath(choice);
  if (named !== undefined) {
    if (existsSync(named)) return named;
    const from = choice.explicit === undefined ? " (from MAKESPAN_DB)" : "";
    throw new MakespanError("store_not_found", `There is no file ${named}${from}. Name the store file of a run with --db FILE.`, { path: named });
  }
  const list = join(choice.folder, LIST_DB);
  if (existsSync(list)) return list;
  const found = readdirSync(choice.folder).filter((name) => name.endsWith(FLOW_DB_SUFFIX)).sort();
  const [only] = found;
  if (only !== undefined && found.length === 1) return join(choice.folder, only);
  if (found.length === 0) {
    const message = `There is no ${LIST_DB} and no *${FLOW_DB_SUFFIX} in ${choice.folder}. Name the file with --db FILE, or set MAKESPAN_DB.`;
    throw new MakespanError("store_not_found", message, { folder: choice.folder });
  }
  const some = found.length > 3 ? `${found.slice(0, 3).join(", ")} and ${found.length - 3} more` : found.join(", ");
  throw new MakespanError("invalid_option", `Which file? Here are ${some}. Name one with --db FILE, or set MAKESPAN_DB.`, { files: found });
}

function namedPath({ explicit, env, folder }: DbChoice): string | undefined {
  const named = explicit ?? (env["MAKESPAN_DB"] === "" ? undefined : env["MAKESPAN_DB"]);
  if (named === "") throw new MakespanError("invalid_option", "--db needs the name of a file, got an empty one.");
  return named === undefined ? undefined : resolve(folder, named);
}
