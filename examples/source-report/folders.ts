/** Groups measured files by folder, and sums each folder up. The sums run in a process of their own. */
import { dirname } from "node:path";
import type { TaskContext } from "makespan";
import type { FileMeasure } from "./measure.ts";

export interface FolderGroup {
  readonly folder: string;
  readonly files: readonly FileMeasure[];
}

export interface FolderSum {
  readonly folder: string;
  readonly files: number;
  readonly code: number;
  readonly comment: number;
  readonly branches: number;
  readonly medianLines: number;
  readonly largest: string;
  readonly largestLines: number;
}

/** @returns one group for each folder of at most two levels */
export function group(_input: unknown, { needsByName }: TaskContext): FolderGroup[] {
  const measures = needsByName.get("measure")!.result as FileMeasure[];
  const groups = new Map<string, FileMeasure[]>();
  for (const measure of measures) {
    const folder = dirname(measure.path).split("/").slice(0, 2).join("/");
    groups.set(folder, [...(groups.get(folder) ?? []), measure]);
  }
  return [...groups].map(([folder, files]) => ({ folder, files })).sort((a, b) => a.folder.localeCompare(b.folder));
}

export function sum({ group: { folder, files } }: { group: FolderGroup }): FolderSum {
  const byLines = [...files].sort((a, b) => b.lines - a.lines);
  const total = (part: (file: FileMeasure) => number): number => files.reduce((sum, file) => sum + part(file), 0);
  return {
    folder,
    files: files.length,
    code: total((file) => file.code),
    comment: total((file) => file.comment),
    branches: total((file) => file.branches),
    medianLines: byLines[Math.floor(byLines.length / 2)]?.lines ?? 0,
    largest: byLines[0]?.path ?? "",
    largestLines: byLines[0]?.lines ?? 0,
  };
}
