/** The refusal of calls to an engine that is closed, or is about to be. */
import { MakespanError } from "../protocol/errors.ts";

export function closedError(): MakespanError {
  return new MakespanError("engine_closed", "The engine is closed or closing. What it accepted is kept: open its store again to go on.");
}
