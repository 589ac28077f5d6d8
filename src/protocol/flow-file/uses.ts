/**
 * What a task uses of the limits and resources that its file declares: names, or a map from name to amount. More than there is could never
 * run, so it is a problem of the file.
 */
import type { Use } from "../../core/task.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { Limits } from "./limits.ts";
import type { TaskFields } from "./schema.ts";
import type { Path } from "./source.ts";

/** Said where something is declared. */
export interface Declarer {
  /** Who declares limits: `the file`. */
  readonly who: string;
  /** What to do when there are none. */
  readonly advice: string;
}

const FILE: Declarer = { who: "the file", advice: "add resources: { NAME: UNITS } to the file" };

/** In the order of the file, each once; of one that is named alone it uses 1. `report` gets the place below the task. */
export function readUses(uses: TaskFields["uses"], limits: Limits, report: (path: Path, message: string, onKey?: boolean) => void, { who, advice: toDo } = FILE): readonly Use[] {
  const found = new Map<string, Use>();
  for (const { name, amount, path } of amountsOf(uses)) {
    const rule = limits.get(name);
    // The place is the name; a list and a single name have it as their value.
    const onKey = path.length === 2 && typeof path[1] === "string";
    if (rule === undefined) {
      const names = [...limits.keys()];
      const advice = names.length === 0 ? `; it has none: ${toDo}` : didYouMean(name, names) || `; it has ${names.join(", ")}`;
      report(path, `${who} has no resource or limit ${JSON.stringify(name)}${advice}`, onKey);
    } else if (amount > rule.units) {
      report(path, `it uses ${amount} of ${name}, and there ${rule.units === 1 ? "is" : "are"} only ${rule.units}: it could never run`);
    } else found.set(name, { limit: name, amount });
  }
  return [...found.values()];
}

function amountsOf(uses: TaskFields["uses"]): readonly { readonly name: string; readonly amount: number; readonly path: Path }[] {
  if (uses === undefined) return [];
  if (typeof uses === "string") return [{ name: uses, amount: 1, path: ["uses"] }];
  if (Array.isArray(uses)) return uses.map((name, index) => ({ name, amount: 1, path: ["uses", index] }));
  return Object.entries(uses).map(([name, amount]) => ({ name, amount, path: ["uses", name] }));
}
