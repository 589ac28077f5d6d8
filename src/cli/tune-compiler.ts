/**
 * Settings of V8 for the whole process, made before anything is compiled. The core is made of many small functions, and by default V8
 * stops putting them into each other half way through a turn: with more room a simulation takes a sixth less time (`bench/sim.ts`).
 * A program that embeds the engine or the simulator sets its own flags, or none: docs/simulator.md says which.
 */
import { setFlagsFromString } from "node:v8";

/** A Node that does not know a flag says so on stderr and goes on. */
export function tuneCompiler(): void {
  setFlagsFromString("--max-inlined-bytecode-size=1000");
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");
}
