/**
 * Turns what SQLite and the file system throw into the one refusal of the project that fits, saying what was expected, what
 * came and what to do. Anything that is not about the file (a broken constraint, say) is a bug and stays what it is.
 */
import { MakespanError, type ErrorCode } from "../../protocol/errors.ts";

interface Advice {
  readonly code: ErrorCode;
  /** What was expected and what came; the path goes between. */
  readonly came: string;
  readonly todo: string;
}

const READ_ONLY: Advice = { code: "store_read_only", came: "could not be opened for writing", todo: "Check that the folder exists and that you may write to it and to the file" };
const IO: Advice = { code: "store_io", came: "could not be read or written", todo: "Check the disk; nothing of the failed write was kept" };
const FULL: Advice = { code: "store_full", came: "could not grow because the disk is full", todo: "Free space and start again; nothing of the failed write was kept" };
const DAMAGED: Advice = { code: "store_damaged", came: "is damaged", todo: "Restore it from a backup, or save what can be read with `sqlite3 FILE .recover`" };
const BUSY: Advice = { code: "store_in_use", came: "is locked by another process", todo: "End the process that holds it and start again" };

/** By primary result code: https://sqlite.org/rescode.html */
const BY_RESULT: ReadonlyMap<number, Advice> = new Map([
  [3, READ_ONLY], // PERM
  [5, BUSY],
  [6, BUSY], // LOCKED
  [7, IO], // NOMEM
  [8, READ_ONLY],
  [10, IO],
  [11, DAMAGED], // CORRUPT
  [13, FULL],
  [14, READ_ONLY], // CANTOPEN
  [15, IO], // PROTOCOL
  [22, IO], // NOLFS
  [23, READ_ONLY], // AUTH
  [26, DAMAGED], // NOTADB: the header was ours when the file was opened
]);

const BY_ERRNO: Readonly<Record<string, Advice>> = {
  EACCES: READ_ONLY,
  EPERM: READ_ONLY,
  EROFS: READ_ONLY,
  ENOENT: READ_ONLY,
  ENOTDIR: READ_ONLY,
  ELOOP: READ_ONLY,
  ENAMETOOLONG: READ_ONLY,
  ENOSPC: FULL,
  EDQUOT: FULL,
  EIO: IO,
};

/** The refusal for an error that came up while using the file at `path`; the error itself if it is not about the file. */
export function toStoreError(error: unknown, path: string): Error {
  if (error instanceof MakespanError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const advice = adviceFor(error);
  if (advice === undefined) return error;
  return new MakespanError(advice.code, `The store file ${path} ${advice.came} (${error.message}). ${advice.todo}.`, { path }, { cause: error });
}

function adviceFor(error: Error): Advice | undefined {
  const { errcode, code } = error as { errcode?: unknown; code?: unknown };
  if (typeof errcode === "number") return BY_RESULT.get(errcode & 0xff);
  return typeof code === "string" ? BY_ERRNO[code] : undefined;
}
