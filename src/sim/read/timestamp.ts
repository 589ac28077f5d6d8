/**
 * Instants in files, as seconds since 1970: `2023-11-16 18:17:03.9799600`, with `T` or a space, a zone or none (UTC then). By
 * hand, since the language's own reading of dates depends on the machine where a zone is missing.
 */
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d(?:\.\d+)?)\s*(?:Z|UTC|([+-])(\d\d):?(\d\d))?$/;

/** Undefined for a text that is not an instant. */
export function parseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second >= 61) return undefined;
  const zoneMinutes = (Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0)) * (match[7] === "-" ? -1 : 1);
  return daysSince1970(year, month, day) * 86_400 + hour * 3_600 + (minute - zoneMinutes) * 60 + second;
}

/** Days of the proleptic Gregorian calendar, counted in years that begin in March (Hinnant, "chrono-compatible low-level date algorithms"). */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}
