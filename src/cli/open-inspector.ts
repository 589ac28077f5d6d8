/** The store file of a command, opened for reading and closed whatever happens. */
import { relative } from "node:path";
import { dbPathToInspect } from "../app/db-path.ts";
import { inspect, type Inspector } from "../app/inspect.ts";
import type { CliContext } from "./command.ts";
import type { ExitName } from "./exit-codes.ts";

export function dbPath(context: CliContext, explicit: string | undefined): string {
  return dbPathToInspect({ explicit, env: context.env, folder: context.folder });
}

export async function withInspector(
  context: CliContext,
  explicit: string | undefined,
  use: (inspector: Inspector) => Promise<ExitName>,
): Promise<ExitName> {
  const inspector = inspect(dbPath(context, explicit));
  try {
    return await use(inspector);
  } finally {
    inspector.close();
  }
}

/** As short as a person would write it. */
export function shortPath(path: string, folder: string): string {
  const short = relative(folder, path);
  return short === "" || short.startsWith("..") ? path : short;
}
