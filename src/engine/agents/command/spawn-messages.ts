/** What the engine and the process that starts its commands say to each other, in order, over Node's channel between processes. */

export interface SpawnRequest {
  /** The program first. */
  readonly argv: readonly string[];
  /** Folder to run in, absolute. */
  readonly cwd: string;
  /** Added to the environment that was sent last. */
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly stdin: string | undefined;
}

export type ToSpawner =
  /** The environment of the engine, for all commands that follow. */
  | { readonly kind: "environment"; readonly env: Readonly<Record<string, string>> }
  | ({ readonly kind: "run"; readonly id: number } & SpawnRequest);

/** How a command ended, and what it took. */
export interface CommandExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
}

/** Why the system did not start a command: its error code, such as ENOENT, and its sentence. */
export interface SpawnRefusal {
  readonly code: string;
  readonly message: string;
}

export type FromSpawner = { readonly id: number } & (
  /** It leads the process group `pid`. Then `output` any number of times and `ended` once. */
  | { readonly kind: "spawned"; readonly pid: number }
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly chunk: Uint8Array }
  | { readonly kind: "ended"; readonly exit: CommandExit }
  /** Instead of all of these. */
  | { readonly kind: "refused"; readonly refusal: SpawnRefusal }
);
