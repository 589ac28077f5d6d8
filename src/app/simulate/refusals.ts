/** The simulator's refusals as those of the program: the same code, with the file before the message, and a guess at what was meant. */
import { didYouMean } from "../../protocol/did-you-mean.ts";
import { MakespanError } from "../../protocol/errors.ts";
import { SimulationRefusal } from "../../sim/index.ts";

export function toMakespanError(error: unknown, file?: string): unknown {
  if (!(error instanceof SimulationRefusal)) return error;
  const told = error.message.replace(/\.$/, "") + guessOf(error);
  const message = file === undefined ? told : `${file}: ${told.slice(0, 1).toLowerCase()}${told.slice(1)}`;
  return new MakespanError(error.code, message, file === undefined ? error.detail : { ...error.detail, file }, { cause: error });
}

/** How the sentence ends: `; did you mean "sjf"?`, or with its full stop. */
function guessOf({ detail: { name, known } }: SimulationRefusal): string {
  const guess = typeof name === "string" && Array.isArray(known) ? didYouMean(name, known.filter((word) => typeof word === "string")) : "";
  return guess === "" ? "." : guess;
}

/** Runs something of the simulator. */
export function refusing<Value>(run: () => Value, file?: string): Value {
  try {
    return run();
  } catch (error) {
    throw toMakespanError(error, file);
  }
}
