/** Instants for people: how long ago, or when, and the day only where it is not today's. */

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** `now`, `4 s ago`, `in 2 h`: in one unit, cut off, since it is read a moment later. */
export function relativeTime(at: number, now: number): string {
  const ms = Math.abs(now - at);
  const unit = UNITS.find(([, unitMs]) => ms >= unitMs);
  if (unit === undefined) return "now";
  const words = `${Math.floor(ms / unit[1])} ${unit[0]}`;
  return at > now ? `in ${words}` : `${words} ago`;
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
