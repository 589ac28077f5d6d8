/**
 * What a task uses of the resources that its file declares: names of resources, or a map from name to amount. More than there is could
 * never run, so it is a problem of the file.
 */
import { didYouMean } from "../did-you-mean.ts";
import type { PlannedUse } from "../task-plan.ts";
import type { Frame, TaskFields } from "./schema.ts";
import type { Path } from "./source.ts";

export type Resources = NonNullable<Frame["resources"]>;

/** In the order of the file; a resource that is named alone is used by 1. `report` gets the place below the task. */
export function plannedUses(uses: TaskFields["uses"], resources: Resources, report: (path: Path, message: string, onKey?: boolean) => void): readonly PlannedUse[] {
  const found: PlannedUse[] = [];
  for (const { name, amount, path } of amountsOf(uses)) {
    const capacity = Object.hasOwn(resources, name) ? resources[name] : undefined;
    // The place is the name; a list and a single name have it as their value.
    const onKey = path.length === 2 && typeof path[1] === "string";
    if (capacity === undefined) {
      const names = Object.keys(resources);
      const advice = names.length === 0 ? "; it has none: add resources: { NAME: CAPACITY } to the file" : didYouMean(name, names) || `; it has ${names.join(", ")}`;
      report(path, `the file has no resource ${JSON.stringify(name)}${advice}`, onKey);
    } else if (amount > capacity) {
      report(path, `it uses ${amount} of ${name}, and there ${capacity === 1 ? "is" : "are"} only ${capacity}: it could never run`);
    } else found.push({ resource: name, amount });
  }
  return found;
}

function amountsOf(uses: TaskFields["uses"]): readonly { readonly name: string; readonly amount: number; readonly path: Path }[] {
  if (uses === undefined) return [];
  if (typeof uses === "string") return [{ name: uses, amount: 1, path: ["uses"] }];
  if (Array.isArray(uses)) return uses.map((name, index) => ({ name, amount: 1, path: ["uses", index] }));
  return Object.entries(uses).map(([name, amount]) => ({ name, amount, path: ["uses", name] }));
}
