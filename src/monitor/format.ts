/**
 * Numbers for people: three significant digits, the unit that fits, "–" where nothing was measured. Written by hand because
 * the language settings of a machine must not change a report.
 */

const NOTHING = "–";

/** `0.4 ms`, `12 ms`, `1.23 s`, `4 min 05 s`, `2 h 10 min`, `3 d 04 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NOTHING;
  if (ms <= 0) return "0 ms";
  if (ms < 999.5) return `${threeDigits(ms)} ms`;
  if (ms < 59_950) return `${threeDigits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(ms / 60_000);
  if (minutes < 24 * 60) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(ms / 3_600_000);
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${String(small).padStart(2, "0")} ${smallUnit}`;
}

/** `12,345`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `12,345 tasks`, `1 task`. */
export function formatMany(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A share from 0 to 1 as `82 %`; one decimal near the ends, so that not quite everything never reads as everything. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined) return NOTHING;
  const percent = share * 100;
  if (percent > 99 && percent < 100) return `${Math.min(99.9, percent).toFixed(1)} %`;
  if (percent > 0 && percent < 1) return percent < 0.1 ? "< 0.1 %" : `${percent.toFixed(1)} %`;
  return `${Math.round(percent)} %`;
}

/** `512 B`, `1.5 KiB`, `38.2 MiB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return NOTHING;
  let amount = bytes;
  let unit = "B";
  for (const larger of ["KiB", "MiB", "GiB", "TiB"]) {
    if (amount < 1023.5) break;
    amount /= 1024;
    unit = larger;
  }
  return `${threeDigits(amount)} ${unit}`;
}

/** Per second, or per minute where that reads better: `1,250/s`, `0.35/s`, `1.2/min`. */
export function formatRate(perS: number | null | undefined): string {
  if (perS === null || perS === undefined) return NOTHING;
  return perS > 0 && perS < 0.1 ? `${threeDigits(perS * 60)}/min` : `${threeDigits(perS)}/s`;
}

/** An amount of money without its currency, which only the user knows. */
export function formatCost(cost: number | null | undefined): string {
  if (cost === null || cost === undefined) return NOTHING;
  return cost >= 0.01 || cost === 0 ? withThousands(cost.toFixed(2)) : cost.toPrecision(2);
}

/** `0.042`, `1.5`, `12.3`, `1,234`; never an exponent. */
export function threeDigits(value: number): string {
  if (value >= 99.95) return formatCount(value);
  if (value >= 9.995) return trimZeros(value.toFixed(1));
  if (value >= 0.9995) return trimZeros(value.toFixed(2));
  return value < 0.0005 ? (value > 0 ? "< 0.001" : "0") : trimZeros(value.toFixed(3));
}

function trimZeros(text: string): string {
  return text.replace(/\.?0+$/, "");
}

function withThousands(text: string): string {
  const [whole = "", rest] = text.split(".");
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ",");
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}
