/** Figures of a bench: median, quantile, and three decimals. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** The value at or above a share `q` of the sorted numbers. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
