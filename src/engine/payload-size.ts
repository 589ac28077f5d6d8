/** How large a payload is, and the one sentence about one that is too large. */
import type { Payload } from "../core/event.ts";

/** The size of a payload in bytes when it is over the limit, else undefined; counts bytes only when it might be. */
export function bytesIfOver(payload: Payload, limitBytes: number): number | undefined {
  if (payload.length * 3 <= limitBytes) return undefined;
  const bytes = Buffer.byteLength(payload);
  return bytes > limitBytes ? bytes : undefined;
}

export function sizeSentence(what: string, bytes: number, limitBytes: number): string {
  return `The ${what} has ${bytes} bytes as JSON; at most ${limitBytes} are kept. Store it elsewhere and pass its address, or raise the limit \`payloadBytes\`.`;
}
