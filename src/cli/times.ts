/** Instants for people: how long ago, or when, and the day only where it is not today's. */
import { formatDuration } from "../monitor/format.ts";

/** `now`, `4 s ago`, `in 2 h 10 min`; coarse, since it is read a moment later. */
export function relativeTime(at: number, now: number): string {
  const ms = Math.abs(now - at);
  if (ms < 1000) return "now";
  const words = formatDuration(coarse(ms));
  return at > now ? `in ${words}` : `${words} ago`;
}

/** Whole seconds, minutes from two hours on, hours from two days on. */
function coarse(ms: number): number {
  const unitMs = ms < 7_200_000 ? 1000 : ms < 172_800_000 ? 60_000 : 3_600_000;
  return Math.round(ms / unitMs) * unitMs;
}

/** `14:03:59`, with the date when it is not today; local time, as on the wall. */
export function clockTime(at: number, now: number): string {
  const time = new Date(at);
  const words = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
  return isSameDay(time, new Date(now)) ? words : `${localDate(time)} ${words}`;
}

function isSameDay(a: Date, b: Date): boolean {
  return localDate(a) === localDate(b);
}

function localDate(time: Date): string {
  return `${time.getFullYear()}-${String(time.getMonth() + 1).padStart(2, "0")}-${String(time.getDate()).padStart(2, "0")}`;
}
