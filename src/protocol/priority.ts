/** The named priorities and their numbers; a lower number goes first. */
export const PRIORITIES = { critical: 1, high: 2, medium: 3, low: 4 } as const;

export type PriorityName = keyof typeof PRIORITIES;

/** The number of a named priority; a number is its own. */
export function priorityNumber(priority: PriorityName | number): number {
  return typeof priority === "number" ? priority : PRIORITIES[priority];
}
