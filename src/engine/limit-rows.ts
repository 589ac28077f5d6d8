/**
 * The rows that keep declared limits (`limit:NAME`) and what counts of them (`limit-used:NAME`, written in the commit of each turn
 * that changed it, so that nothing starts whose reservation is not on disk).
 */
import type { LimitChange, LimitKept } from "../core/limits/limits.ts";
import type { LimitRule } from "../core/limits/rule.ts";
import type { SettingRow } from "../store/rows.ts";

const LIMIT = "limit:";
const USED = "limit-used:";

/** A declared limit as a store keeps it. */
export interface KeptLimit {
  readonly name: string;
  readonly rule: LimitRule;
  readonly kept: LimitKept | undefined;
}

export function isLimitRow({ name }: SettingRow): boolean {
  return name.startsWith(LIMIT) || name.startsWith(USED);
}

export function limitRow(name: string, rule: LimitRule | null): SettingRow {
  return { name: `${LIMIT}${name}`, value: JSON.stringify(rule) };
}

export function limitUsedRow({ name, kept }: LimitChange): SettingRow {
  return { name: `${USED}${name}`, value: JSON.stringify(kept) };
}

/** The declared limits among the kept settings. */
export function limitsKept(rows: readonly SettingRow[]): readonly KeptLimit[] {
  const values = new Map(rows.map((row) => [row.name, row.value]));
  return rows.flatMap((row) => {
    if (!row.name.startsWith(LIMIT)) return [];
    const name = row.name.slice(LIMIT.length);
    const rule = JSON.parse(row.value) as LimitRule | null;
    const kept = JSON.parse(values.get(`${USED}${name}`) ?? "null") as LimitKept | null;
    return rule === null ? [] : [{ name, rule, kept: kept ?? undefined }];
  });
}
