/**
 * Seeds that once broke a rule, and what was wrong; each is run by `sim.test.ts` for ever. A seed stands for its bug only while
 * the world draws what it drew then, so each bug has a test of its own besides where it could be made small.
 */
export interface Regression {
  readonly seed: number;
  readonly bug: string;
}

export const REGRESSIONS: readonly Regression[] = [
  { seed: 1, bug: "a checkpoint under way when the engine stopped never came back" },
  { seed: 3, bug: "a checkpoint acknowledged in the turn in which its attempt parked or was released without one was lost" },
  { seed: 4, bug: "a redriven task ran although one that it needs, of a flow that had finished, had failed" },
  { seed: 41, bug: "a task redriven after its deadline expired by it again after a restart" },
  { seed: 52, bug: "rows ended before they began when the clock was set back" },
  { seed: 294, bug: "a redriven task was forgotten by the next restart, since the store was told to start reading behind it" },
  { seed: 380, bug: "retention took a task between the reading of its row and its redrive" },
  { seed: 663, bug: "a wait for a result that came while the engine failed never ended" },
  { seed: 668, bug: "an agent that joined in the turn in which one of its name left lost its driver, and its tasks ran for ever" },
  { seed: 918, bug: "a redriven task ran although retention had taken what it needs" },
  { seed: 1334, bug: "two joins of one new name at once made two agents of that name" },
  { seed: 203215, bug: "an engine that had been replaced ran a task that was gone from the store, with the input null" },
];
