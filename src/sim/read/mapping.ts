/**
 * How the columns of a foreign file become the fields of a task: `arrival_s=TIMESTAMP`, `size=ContextTokens`, and for numbers sums
 * of columns with factors: `service_s=0.00025*ContextTokens+0.025*GeneratedTokens`.
 */
import { SimulationRefusal } from "../refusal.ts";
import { FIELD_NAMES, NUMBER_FIELDS } from "./fields.ts";

/** `factor` times a column, or `factor` alone. */
export interface Term {
  readonly factor: number;
  readonly column: string | undefined;
}

export interface MappedField {
  readonly field: string;
  readonly terms: readonly Term[];
}

export type Mapping = readonly MappedField[];

/** The trace of Azure's LLM inference service (Patel et al. 2024): only the input tokens are known when a request arrives. */
export const AZURE_LLM = ["arrival_s=TIMESTAMP", "service_s=0.00025*ContextTokens+0.025*GeneratedTokens", "size=ContextTokens"] as const;

/** Reads `field=expression` texts. Throws a refusal that says what is wrong. */
export function parseMapping(texts: readonly string[]): Mapping {
  return texts.map((text) => {
    const at = text.indexOf("=");
    const field = text.slice(0, Math.max(0, at)).trim();
    if (!FIELD_NAMES.includes(field)) throw refuse(text, `the field before = is one of ${FIELD_NAMES.join(", ")}`);
    const terms = text.slice(at + 1).split("+").map((term) => parseTerm(term, text));
    const isPlain = terms.length === 1 && terms[0]!.column !== undefined && terms[0]!.factor === 1;
    if (!isPlain && !NUMBER_FIELDS.has(field)) throw refuse(text, `${field} is a text, so it is one column`);
    return { field, terms };
  });
}

function parseTerm(term: string, text: string): Term {
  const parts = term.split("*").map((part) => part.trim());
  if (parts.length > 2 || parts.includes("")) throw refuse(text, "an expression is a sum of COLUMN, NUMBER or NUMBER*COLUMN");
  const numbers = parts.filter(isNumber).map(Number);
  const columns = parts.filter((part) => !isNumber(part));
  if (columns.length > 1) throw refuse(text, "a product is of a number and a column");
  return { factor: numbers.reduce((product, number) => product * number, 1), column: columns[0] };
}

function isNumber(text: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(text);
}

function refuse(text: string, expected: string): SimulationRefusal {
  return new SimulationRefusal("invalid_option", `Mapping ${JSON.stringify(text)}: ${expected}.`);
}
