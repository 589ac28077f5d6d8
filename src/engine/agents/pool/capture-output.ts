/**
 * Turns what handlers print into messages on the channel, so that every line comes before the end of the attempt that printed
 * it, also from a handler that never yields. Reading a thread's `stdout` instead would keep the engine's process alive.
 */
import { Lines } from "../lines.ts";

export const OUTPUT_LINE_BYTES = 16 * 1024;

type WriteDone = (error?: Error | null) => void;

/** Takes over what is written to `process.stdout` and `process.stderr`; returns what flushes lines that have no end yet. */
export function captureOutput(onLine: (stream: "stdout" | "stderr", line: string) => void): () => void {
  const captured = (["stdout", "stderr"] as const).map((name) => {
    const lines = new Lines(OUTPUT_LINE_BYTES, (line) => onLine(name, line));
    // The stream itself stays: Node's threads reach into it when they end.
    process[name].write = (chunk: string | Uint8Array, encoding?: BufferEncoding | WriteDone, done?: WriteDone): boolean => {
      // A copy, since what is kept of an unfinished line must not change when the handler uses its buffer again.
      lines.push(typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : Buffer.from(chunk));
      const whenDone = typeof encoding === "function" ? encoding : done;
      if (whenDone !== undefined) process.nextTick(whenDone);
      return true;
    };
    return lines;
  });
  return () => {
    for (const lines of captured) lines.end();
  };
}
