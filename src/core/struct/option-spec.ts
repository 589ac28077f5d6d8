/**
 * A choice with options in one line of text, as people type it and settings keep it: `name:option=value:flag`. Policies and
 * balancers are chosen this way. Durations are in ms unless a unit follows (`ms`, `s`, `m`, `h`).
 */

const UNITS_MS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads the options of a choice; each is asked for by name with its default, and what nobody asked for is a problem. */
export class OptionSpec {
  readonly name: string;
  readonly #values = new Map<string, string>();
  readonly #known = new Set<string>();
  #problem: string | undefined;

  constructor(text: string) {
    const [name = "", ...options] = text.split(":").map((part) => part.trim());
    this.name = name;
    for (const option of options) {
      const at = option.indexOf("=");
      const key = at === -1 ? option : option.slice(0, at);
      if (this.#values.has(key)) this.#problem ??= `\`${key}\` is given twice`;
      this.#values.set(key, at === -1 ? "on" : option.slice(at + 1));
    }
  }

  /** A number from `least` on; `off` gives Infinity. */
  number(key: string, otherwise: number, least = 0): number {
    return this.#read(key, otherwise, `a number from ${least} on, or \`off\``, (text) => (text === "off" ? Infinity : atLeast(decimal(text), least)));
  }

  /** A whole number from `least` on. */
  integer(key: string, otherwise: number, least: number): number {
    return this.#read(key, otherwise, `a whole number from ${least} on`, (text) => {
      const value = decimal(text);
      return value !== undefined && Number.isSafeInteger(value) ? atLeast(value, least) : undefined;
    });
  }

  /** In ms, 0 or more; `off` gives Infinity. */
  durationMs(key: string, otherwise: number): number {
    return this.#read(key, otherwise, "a duration such as `100ms`, `30s`, `10m`, or `off`", (text) => {
      if (text === "off") return Infinity;
      const match = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(text);
      const unit = UNITS_MS[match?.[2] ?? "?"];
      return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
    });
  }

  /** `key` alone or `key=on` is true, `key=off` false. */
  flag(key: string, otherwise: boolean): boolean {
    return this.#read(key, otherwise, "`on` or `off`", (text) => (text === "on" ? true : text === "off" ? false : undefined));
  }

  /** What is wrong with the options, in a sentence; undefined when nothing is. Ask last. */
  problem(): string | undefined {
    for (const key of this.#values.keys()) {
      if (!this.#known.has(key)) {
        const known = [...this.#known].map((name) => `\`${name}\``).join(", ");
        this.#problem ??= `\`${this.name}\` has no option \`${key}\`; ${known === "" ? "it has none" : `it has ${known}`}`;
      }
    }
    return this.#problem;
  }

  #read<Value>(key: string, otherwise: Value, expected: string, parse: (text: string) => Value | undefined): Value {
    this.#known.add(key);
    const text = this.#values.get(key);
    if (text === undefined) return otherwise;
    const value = parse(text);
    if (value === undefined) this.#problem ??= `\`${key}\` of \`${this.name}\` takes ${expected}, not \`${text}\``;
    return value ?? otherwise;
  }
}

function decimal(text: string): number | undefined {
  return /^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) ? Number(text) : undefined;
}

function atLeast(value: number | undefined, least: number): number | undefined {
  return value !== undefined && value >= least && value < Infinity ? value : undefined;
}
