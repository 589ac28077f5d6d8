/** The comparison with theory as a picture: draft. */
import type { RowResult } from "./theory-run.ts";
export function pictureOf(results: readonly RowResult[]): string { return `<svg>${results.length}</svg>`; }
