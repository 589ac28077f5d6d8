/** Distances between regions as people give them, checked. */
import type { DistanceTable } from "../core/balance/distances.ts";
import { checkNumber, checkObject } from "./check.ts";

/** A copy of the table. Throws `invalid_option`. */
export function checkDistances(distances: unknown): DistanceTable {
  checkObject("distances", distances);
  const rows = Object.entries(distances).map(([from, row]): [string, Record<string, number>] => {
    checkObject(`distances.${from}`, row);
    return [from, Object.fromEntries(Object.entries(row).map(([to, distance]) => [to, checkNumber(`distances.${from}.${to}`, distance, 0)]))];
  });
  return Object.fromEntries(rows);
}
