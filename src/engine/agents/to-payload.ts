/**
 * Turns what a handler gave into JSON text, or says why that cannot be done and where in the value the trouble is. JSON would
 * silently drop functions and empty Maps, Promises and Errors: a result that comes back different is refused like one that cannot be written.
 */
import { MakespanError } from "../../protocol/errors.ts";
import { messageOf } from "./failure.ts";

export type PayloadText = { readonly kind: "text"; readonly text: string } | PayloadRefusal;
export type PayloadRefusal = { readonly kind: "refused"; readonly code: "not_serializable" | "payload_too_large"; readonly message: string };

/** What is called `what` in messages ("result", "checkpoint"), of at most `limitBytes` as JSON. Undefined becomes `null`. */
export function toPayload(value: unknown, what: string, limitBytes: number): PayloadText {
  if (value === undefined || value === null) return { kind: "text", text: "null" };
  let text: string | undefined;
  let thrown: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    thrown = firstLine(error);
  }
  const trouble = text === undefined ? troubleOf(value, thrown ?? typeof value) : typeof value === "object" ? lossOf(value) : undefined;
  if (text === undefined || trouble !== undefined) return { kind: "refused", code: "not_serializable", message: `The ${what} cannot be written as JSON: ${trouble}` };
  // Three bytes is the most that one UTF-16 unit takes, so most texts need not be counted.
  if (text.length * 3 > limitBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > limitBytes) {
      return { kind: "refused", code: "payload_too_large", message: `The ${what} has ${bytes} bytes as JSON; ${limitBytes} are allowed. Write it to a file and return its path` };
    }
  }
  return { kind: "text", text };
}

/** The same for calls of a handler, which are refused with an error. */
export function toPayloadOrThrow(value: unknown, what: string, limitBytes: number): string {
  const payload = toPayload(value, what, limitBytes);
  if (payload.kind === "refused") throw new MakespanError(payload.code, payload.message);
  return payload.text;
}

/** Where the trouble is in what JSON.stringify gave up; `otherwise` if that cannot be found. */
function troubleOf(value: unknown, otherwise: string): string {
  try {
    return locate(value, "", new Set()) ?? otherwise;
  } catch {
    // A getter that throws, or so deep that the stack ends here too.
    return otherwise;
  }
}

/** What JSON.stringify would drop, if anything. */
function lossOf(value: object): string | undefined {
  try {
    return losesParts(value) ? troubleOf(value, "parts of it would be lost") : undefined;
  } catch (error) {
    // JSON.stringify gets by with less stack for a level, and a getter may throw the second time only.
    return firstLine(error);
  }
}

function firstLine(thrown: unknown): string {
  return messageOf(thrown).split("\n", 1)[0]!;
}

/** Only called on what JSON.stringify has gone through, so there is no circle. */
function losesParts(value: object): boolean {
  if ("toJSON" in value && typeof value.toJSON === "function") return false;
  if (Array.isArray(value)) return value.some((part) => isLost(part) || (typeof part === "object" && part !== null && losesParts(part as object)));
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) return true;
  let isEmpty = true;
  for (const key in value) {
    const part: unknown = (value as Record<string, unknown>)[key];
    if (isLost(part) || (typeof part === "object" && part !== null && losesParts(part))) return true;
    isEmpty = false;
  }
  return isEmpty && isOpaque(value);
}

/** What keeps its content where JSON does not look (a Promise, an Error, a buffer, private fields) would come back as `{}`. */
function isOpaque(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype || Object.keys(value).length > 0) return false;
  // A plain object of another realm has Object.prototype of that realm; a wrapped primitive is written as the primitive.
  return Object.getPrototypeOf(prototype) !== null && typeof value.valueOf() === "object";
}

function isLost(part: unknown): boolean {
  return typeof part === "function" || typeof part === "symbol";
}

function locate(value: unknown, path: string, above: Set<object>): string | undefined {
  const at = path === "" ? "it" : `its part ${path}`;
  if (typeof value === "bigint") return `${at} is a BigInt (use a number or a string)`;
  if (typeof value === "function" || typeof value === "symbol") return `${at} is a ${typeof value}`;
  if (typeof value !== "object" || value === null) return undefined;
  if (above.has(value)) return `${at} contains itself`;
  if ("toJSON" in value && typeof value.toJSON === "function") return undefined;
  if (value instanceof Map || value instanceof Set) return `${at} is a ${value.constructor.name} (use Object.fromEntries or an array)`;
  if (ArrayBuffer.isView(value)) return `${at} is a ${value.constructor.name} (use Array.from, or text in base64)`;
  if (!Array.isArray(value) && isOpaque(value)) return `${at} is ${describeOpaque(value)}`;
  above.add(value);
  for (const [key, part] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${key}]` : /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    const found = locate(part, path === "" ? step.replace(/^\./, "") : path + step, above);
    if (found !== undefined) return found;
  }
  above.delete(value);
  return undefined;
}

function describeOpaque(value: object): string {
  if (value instanceof Promise) return "a Promise (await it)";
  if (value instanceof Error) return "an Error (throw it, or give its message)";
  const { name } = value.constructor;
  return `a ${name === "" ? "class instance" : name}, of which JSON keeps nothing`;
}
