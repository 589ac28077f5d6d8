/** The simulator's refusals as those of the program: the same code, with the file before the message. */
import { MakespanError } from "../../protocol/errors.ts";
import { SimulationRefusal } from "../../sim/index.ts";

export function toMakespanError(error: unknown, file?: string): unknown {
  if (!(error instanceof SimulationRefusal)) return error;
  const message = file === undefined ? error.message : `${file}: ${error.message.slice(0, 1).toLowerCase()}${error.message.slice(1)}`;
  return new MakespanError(error.code, message, file === undefined ? error.detail : { ...error.detail, file }, { cause: error });
}

/** Runs something of the simulator. */
export function refusing<Value>(run: () => Value, file?: string): Value {
  try {
    return run();
  } catch (error) {
    throw toMakespanError(error, file);
  }
}
