/** Real workflows of WfInstances (Coleman et al. 2022), and the bound that their makespans are compared with. */
import { readJsonLines } from "./json-lines.ts";

export interface Workflow {
  readonly path: string;
  readonly app: string;
  /** Program, runtime in seconds, parents, … */
  readonly tasks: readonly (readonly [program: string, runtimeS: number, parents: readonly number[], ...rest: unknown[]])[];
}

/** All but those of `helloworld`, which do nothing. */
export function readWorkflows(path: string): readonly Workflow[] {
  return (readJsonLines(path) as readonly Workflow[]).filter(({ app }) => app !== "helloworld");
}

/** max(critical path / fastest speed, work / total speed), in seconds. */
export function simpleBound({ tasks }: Workflow, speeds: readonly number[]): number {
  const ends = new Map<number, number>();
  const endOf = (index: number): number => {
    const known = ends.get(index);
    if (known !== undefined) return known;
    const [, runtimeS, parents] = tasks[index]!;
    const end = parents.reduce((latest, parent) => Math.max(latest, endOf(parent)), 0) + runtimeS;
    ends.set(index, end);
    return end;
  };
  const path = tasks.reduce((longest, _, index) => Math.max(longest, endOf(index)), 0);
  const work = tasks.reduce((sum, [, runtimeS]) => sum + runtimeS, 0);
  return Math.max(path / Math.max(...speeds), work / speeds.reduce((sum, speed) => sum + speed, 0));
}
