/** The part after the colon of a generator's specification: `key=value,key=value`, read and checked. */
import { parseDistribution, type Distribution } from "../distributions.ts";
import { SimulationRefusal } from "../refusal.ts";

export class GeneratorOptions {
  readonly #generator: string;
  readonly #values = new Map<string, string>();
  readonly #known = new Set<string>();

  constructor(generator: string, text: string) {
    this.#generator = generator;
    for (const part of text === "" ? [] : text.split(",")) {
      const at = part.indexOf("=");
      if (at < 1) throw this.#refuse(`expected key=value, got ${JSON.stringify(part)}`);
      if (this.#values.has(part.slice(0, at))) throw this.#refuse(`${part.slice(0, at)} is given twice`);
      this.#values.set(part.slice(0, at), part.slice(at + 1));
    }
  }

  has(key: string): boolean {
    this.#known.add(key);
    return this.#values.has(key);
  }

  /** A number from `least` to `most`. */
  number(key: string, otherwise: number, { least = Number.MIN_VALUE, most = Infinity }: { readonly least?: number; readonly most?: number } = {}): number {
    const text = this.#text(key);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && value >= least && value <= most) return value;
    const bounds = most < Infinity ? `from ${least} to ${most}` : least === Number.MIN_VALUE ? "greater than 0" : `of ${least} or more`;
    throw this.#refuse(`${key} is a number ${bounds}, got ${JSON.stringify(text)}`);
  }

  /** A whole number of `least` or more. */
  count(key: string, otherwise: number, least = 1): number {
    const text = this.#text(key);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw this.#refuse(`${key} is a whole number of ${least} or more, got ${JSON.stringify(text)}`);
  }

  distribution(key: string): Distribution | undefined {
    const text = this.#text(key);
    return text === undefined ? undefined : parseDistribution(text, `Generator ${this.#generator}: ${key}`);
  }

  /** Throws when a key was given that nobody asked for. Call it last. */
  end(): void {
    for (const key of this.#values.keys()) {
      if (!this.#known.has(key)) throw this.#refuse(`there is no option ${JSON.stringify(key)}; known: ${[...this.#known].join(", ")}`);
    }
  }

  refuse(problem: string): never {
    throw this.#refuse(problem);
  }

  #text(key: string): string | undefined {
    this.#known.add(key);
    return this.#values.get(key);
  }

  #refuse(problem: string): SimulationRefusal {
    return new SimulationRefusal("invalid_option", `Generator ${this.#generator}: ${problem}.`, { generator: this.#generator });
  }
}
