/**
 * Reads a flow file from disk to a plan: size and encoding are checked before it is parsed, the handlers' sources are read for
 * the content hashes.
 */
import { open } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { LimitRule } from "../../core/limits/rule.ts";
import { isMakespanError, MakespanError } from "../../protocol/errors.ts";
import { parseFlowFile } from "../../protocol/flow-file/parse.ts";
import { problemError } from "../../protocol/flow-file/problem.ts";
import type { FlowPlan } from "../../protocol/task-plan.ts";
import { refuseUnknown } from "../choices.ts";
import { hashModule, hashTasks } from "./content-hash.ts";
import { invalidUtf8At, placeOfByte } from "./utf8.ts";

/** Largest flow file, in bytes. Positions cost the parser about 80 bytes of memory for each byte, so this is some 1.3 GiB. */
const FLOW_FILE_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Throws a `MakespanError`: `flow_file_invalid` (with `detail.problems`), `flow_cycle`, `dependency_unknown`, `duplicate_id`,
 * `policy_unknown`, `balancer_unknown`, or `handler_missing` when a module of a call is not there.
 */
export async function readFlowFile(path: string, vars: ReadonlyMap<string, string> = new Map(), limits: ReadonlyMap<string, LimitRule> = new Map()): Promise<FlowPlan> {
  const file = resolve(path);
  const folder = dirname(file);
  const modules = new Map<string, string>();
  const draft = parseFlowFile(decodeFlowFile(path, await readBytes(path)), {
    file: path,
    defaultName: defaultName(path),
    vars,
    limits,
    problemOf: {
      policy: (policy) => problemOf(() => refuseUnknown({ kind: "policy", queue: "", policy })),
      balancer: (balancer) => problemOf(() => refuseUnknown({ kind: "balancer", balancer })),
      module: (module) => moduleProblem(folder, module, modules),
    },
  });
  return { ...draft, file, folder, tasks: hashTasks(draft.tasks, modules) };
}

/** `report` for `flows/report.yaml`. */
function defaultName(path: string): string {
  return basename(path).replace(/\.(?:ya?ml|json)$/i, "") || "flow";
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size > FLOW_FILE_LIMIT_BYTES) throw tooLarge(path, size);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMakespanError(error)) throw error;
    const code = (error as { readonly code?: unknown }).code;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : code === "EACCES" ? "it may not be read" : String(error);
    throw new MakespanError("flow_file_invalid", `${path}: ${reason}; expected a flow file (YAML or JSON)`, { file: path, problems: [] }, { cause: error });
  }
}

function tooLarge(path: string, bytes: number): MakespanError {
  const mib = (size: number): string => `${Math.ceil(size / 1024 / 1024)} MiB`;
  return new MakespanError(
    "flow_file_invalid",
    `${path}: expected at most ${mib(FLOW_FILE_LIMIT_BYTES)}, got ${mib(bytes)}; give so many tasks as a list, one a line: makespan run FILE.ndjson`,
    { file: path, problems: [], bytes },
  );
}

/** The text of a flow file. Throws `flow_file_invalid` with the line of the first byte that is not UTF-8. */
export function decodeFlowFile(path: string, bytes: Uint8Array): string {
  if (bytes.length > FLOW_FILE_LIMIT_BYTES) throw tooLarge(path, bytes.length);
  const invalid = invalidUtf8At(bytes);
  if (invalid >= 0) {
    const byte = bytes[invalid]!.toString(16).padStart(2, "0");
    throw problemError(path, [{ ...placeOfByte(bytes, invalid), path: "", message: `not valid UTF-8 (byte 0x${byte}); save the file as UTF-8`, code: "flow_file_invalid" }]);
  }
  return new TextDecoder().decode(bytes);
}

/** Reads a module, each once; says what is wrong if it is not there. */
function moduleProblem(folder: string, module: string, hashes: Map<string, string>): string | undefined {
  if (hashes.has(module)) return undefined;
  hashes.set(module, "");
  return problemOf(() => hashes.set(module, hashModule(folder, module)));
}

/** A refusal's sentence as part of a longer one. */
function problemOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!isMakespanError(error)) throw error;
    return error.message.replace(/\.$/, "");
  }
}
