/**
 * CPU time and memory of running programs, as Linux shows them under /proc; elsewhere nothing is known. Node does not pass on
 * what `wait4` says of a child that ended, so a program is looked at while it runs, and the CPU time that the kernel adds to
 * this process for its ended children (in steps of 10 ms, descendants included) tells the rest.
 */
import { openSync, readFileSync, readSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Clock, Timer } from "../clock.ts";

/** The kernel's clock ticks in /proc are 10 ms on every Linux that Node runs on. */
const TICK_MS = 10;
/** Places in /proc/PID/stat behind the name: parent, own user and system time, those of ended children. */
const USER_TIME = 11;
const CHILD_USER_TIME = 13;
const MOST_PROCESSES = 64;
const KIB = 1024;

export interface ProcessUsage {
  /** Of the process and its descendants, those that ended included. */
  readonly cpuMs: number;
  /** Resident now, summed over the same. */
  readonly memoryBytes: number;
  /** The highest that one of them has been, or all of them are now. */
  readonly peakMemoryBytes: number;
}

/** Undefined when the process is gone or the system does not tell. */
export function readProcess(pid: number): ProcessUsage | undefined {
  let cpuMs = 0;
  let memoryBytes = 0;
  let highest = 0;
  const pids = [pid];
  for (let at = 0; at < pids.length && at < MOST_PROCESSES; at++) {
    const one = pids[at];
    try {
      const times = statFields(readFileSync(`/proc/${one}/stat`, "latin1"));
      cpuMs += sumTicks(times, USER_TIME, 4) * TICK_MS;
      const status = readFileSync(`/proc/${one}/status`, "latin1");
      memoryBytes += kibOf(status, "VmRSS:") * KIB;
      highest = Math.max(highest, kibOf(status, "VmHWM:") * KIB);
      for (const child of readFileSync(`/proc/${one}/task/${one}/children`, "latin1").split(" ")) {
        if (child !== "") pids.push(Number(child));
      }
    } catch {
      // It ended between two looks, or this is not Linux.
      if (at === 0 && highest === 0) return undefined;
    }
  }
  return { cpuMs, memoryBytes, peakMemoryBytes: Math.max(highest, memoryBytes) };
}

function statFields(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function sumTicks(fields: readonly string[], from: number, count: number): number {
  let sum = 0;
  for (let at = from; at < from + count; at++) sum += Number(fields[at] ?? 0);
  return sum;
}

function kibOf(status: string, name: string): number {
  const at = status.indexOf(name);
  return at < 0 ? 0 : Number.parseInt(status.slice(at + name.length), 10);
}

/**
 * CPU time of children that ended since it was asked last. One for the whole process, because the kernel has one count. Its
 * file stays open: reading it again takes 2 µs, opening it each time would take 20.
 */
class EndedChildren {
  #fd: number | undefined = undefined;
  #isKnown = true;
  #lastMs = 0;
  #running = 0;
  readonly #buffer = Buffer.alloc(1024);

  began(): void {
    // While no program of ours runs, what ended belongs to others.
    if (this.#running++ === 0) this.#lastMs = this.#read();
  }

  ended(): number {
    this.#running--;
    const now = this.#read();
    const cpuMs = now - this.#lastMs;
    this.#lastMs = now;
    return cpuMs;
  }

  #read(): number {
    if (!this.#isKnown) return 0;
    try {
      this.#fd ??= openSync("/proc/self/stat", "r");
      const bytes = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, 0);
      return sumTicks(statFields(this.#buffer.toString("latin1", 0, bytes)), CHILD_USER_TIME, 2) * TICK_MS;
    } catch {
      this.#isKnown = false;
      return 0;
    }
  }
}

const endedChildren = new EndedChildren();
const FIRST_LOOK_MS = 5;
const LONGEST_PAUSE_MS = 1_000;

/** Measures one program from its start to its end: looks 5, 10, 20, … ms after its start, and every second at last. */
export class ProgramMeter {
  cpuMs = 0;
  peakMemoryBytes = 0;
  readonly #pid: number;
  readonly #clock: Clock;
  readonly #startedAt = performance.now();
  #pauseMs = FIRST_LOOK_MS;
  #timer: Timer;

  constructor(pid: number, clock: Clock) {
    this.#pid = pid;
    this.#clock = clock;
    endedChildren.began();
    this.#timer = clock.after(this.#pauseMs, this.#look, true);
  }

  /** To be called when the program has exited. */
  end(): void {
    this.#timer.cancel();
    const possibleMs = (performance.now() - this.#startedAt) * availableParallelism();
    this.cpuMs = Math.max(this.cpuMs, Math.min(endedChildren.ended(), possibleMs));
  }

  readonly #look = (): void => {
    const usage = readProcess(this.#pid);
    if (usage !== undefined) {
      this.cpuMs = Math.max(this.cpuMs, usage.cpuMs);
      this.peakMemoryBytes = Math.max(this.peakMemoryBytes, usage.peakMemoryBytes);
    }
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#timer = this.#clock.after(this.#pauseMs, this.#look, true);
  };
}
