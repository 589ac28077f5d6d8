/**
 * A trace of requests to an LLM service, with a model of how long each takes: 0.25 ms an input token, which is known when it comes, and
 * 25 ms an output token, which is not. Columns TIMESTAMP, ContextTokens, GeneratedTokens (Azure LLM inference trace, CC-BY 4.0).
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The code trace of 2023, where the data of the project lies. */
export const LLM_TRACE = `${process.env["MAKESPAN_DATA"] ?? "../shared/data"}/azure-llm-2023/AzureLLMInferenceTrace_code.csv.gz`;

const MS_PER_INPUT_TOKEN = 0.25;
const MS_PER_OUTPUT_TOKEN = 25;

export interface LlmRequest {
  /** In ms since the first one. */
  readonly arrivesAt: number;
  readonly serviceMs: number;
  readonly inputTokens: number;
}

export function readLlmTrace(path: string): readonly LlmRequest[] {
  const bytes = readFileSync(path);
  const lines = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").trim().split(/\r?\n/).slice(1);
  const rows = lines.map((line) => {
    const [timestamp = "", input = "", output = ""] = line.split(",");
    const [date, time] = timestamp.split(" ");
    const [clock = "", fraction = "0"] = time!.split(".");
    return { at: Date.parse(`${date}T${clock}Z`) + Number(`0.${fraction}`) * 1_000, input: Number(input), output: Number(output) };
  }).sort((a, b) => a.at - b.at);
  const firstAt = rows[0]?.at ?? 0;
  return rows.map(({ at, input, output }) => ({ arrivesAt: at - firstAt, serviceMs: MS_PER_INPUT_TOKEN * input + MS_PER_OUTPUT_TOKEN * output, inputTokens: input }));
}
