/** Makespans of real workflows as a picture: results of this bench, kept in a file of lines, beside what was measured elsewhere. */
import { chartOf, type Column, type Mark } from "./chart.ts";

export interface WorkflowsResult {
  readonly agents: number;
  readonly speeds: readonly number[];
  /** Of the search, where the workflows were planned. */
  readonly plan_ms?: number;
  /** Of a run online. */
  readonly policy?: string;
  readonly balancer?: string;
  readonly instances: number;
  readonly geomean_ratio: number;
}

/** Geometric means on the same set, on equal agents and on speeds 2, 1, 1, 0.5; measured apart from this bench. */
const BASELINES = [
  { name: "first come, first served", equal: 1.167, unequal: 1.468 },
  { name: "critical path, fastest idle agent", equal: 1.08, unequal: 1.265 },
  { name: "HEFT with insertion", equal: 1.08, unequal: 1.116 },
] as const;
const TARGETS = { online: { equal: 1.081, unequal: 1.125 }, planned: { equal: 1.07, unequal: 1.09 } } as const;

export function workflowsPicture(results: readonly WorkflowsResult[]): string {
  const column = (title: string, fleet: "equal" | "unequal"): Column => {
    const own = (mode: "online" | "planned"): readonly Mark[] => {
      // The last one is the newest.
      const found = results.findLast((one) => fleetOf(one) === fleet && modeOf(one) === mode);
      return found === undefined ? [] : [{ series: 1, value: found.geomean_ratio, label: found.geomean_ratio.toFixed(3), target: TARGETS[mode][fleet] }];
    };
    return {
      title,
      from: 1,
      format: String,
      marks: [...BASELINES.map((baseline): readonly Mark[] => [{ series: 0, value: baseline[fleet], label: baseline[fleet].toFixed(3) }]), own("online"), own("planned")],
    };
  };
  const planMs = results.findLast(({ plan_ms: ms }) => ms !== undefined)?.plan_ms ?? 1000;
  return chartOf({
    title: "Real workflows on 16 agents: makespan by its lower bound",
    description: "Geometric mean of makespan by lower bound over the workflows of WfInstances, on equal agents and on agents of speeds 2, 1, 1 and 0.5, for three baselines, for the scheduler online and for plans. Lower is better, and 1 is the bound.",
    series: [{ name: "baselines, measured apart", color: "grey" }, { name: "Makespan", color: "blue" }],
    rows: [...BASELINES.map(({ name }) => name), "online, earliest finish", `planned for ${planMs / 1000} s`],
    columns: [column("Equal agents", "equal"), column("Speeds 2, 1, 1, 0.5", "unequal")],
    notes: [`Geometric mean over ${results[0]!.instances} workflows of makespan ÷ max(critical path ÷ fastest speed, work ÷ total speed); the axis begins at 1.`],
  });
}

/** Undefined for fleets that have no column. */
function fleetOf({ agents, speeds }: WorkflowsResult): "equal" | "unequal" | undefined {
  if (agents !== 16) return undefined;
  if (speeds.every((speed) => speed === 1)) return "equal";
  return speeds.join() === "2,1,1,0.5" ? "unequal" : undefined;
}

/** Undefined for policies and balancers that have no row. */
function modeOf({ plan_ms: planMs, policy, balancer }: WorkflowsResult): "online" | "planned" | undefined {
  if (planMs !== undefined) return "planned";
  return policy === "critical-path" && balancer === "earliest-finish" ? "online" : undefined;
}
