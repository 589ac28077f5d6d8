// The layer table of ARCHITECTURE.md as data: what each folder of src/ may import, which runtime it may use and which packages.
// A folder inside a folder, or a single file, is a layer of its own when it has a row here; naming its parent in `may` does not
// include it.

/**
 * What a layer may use of its surroundings: `ecmascript` only the language, so that the same input always gives the same output;
 * `web` also what browsers and Node share; `node` also Node's own modules.
 */
export type Runtime = "ecmascript" | "web" | "node";

export type Layer = {
  /** Layers it may import, besides itself. */
  readonly may: readonly string[];
  /** Layers it may import types from, and nothing else. */
  readonly mayTypes?: readonly string[];
  readonly runtime: Runtime;
  /** npm packages it may import; `any` stands for all that package.json declares. */
  readonly packages: readonly string[] | "any";
  /** True where nothing may wait: no promise, no async function. */
  readonly synchronous?: true;
  /** True where arithmetic must give the same bits on every JavaScript engine. */
  readonly exactMath?: true;
};

const core = ["core", "core/assert", "core/struct"];
const stores = ["store", "store/memory", "store/sqlite", "store/postgres"];
const schemas = ["zod", "yaml", "@standard-schema/spec"];
const pureCore = { runtime: "ecmascript", packages: [], synchronous: true, exactMath: true } as const;

export const layers: Readonly<Record<string, Layer>> = {
  core: { may: ["core/assert", "core/struct"], ...pureCore },
  "core/assert": { may: [], ...pureCore },
  "core/struct": { may: ["core/assert"], ...pureCore },
  protocol: { may: [], mayTypes: core, runtime: "web", packages: schemas },
  store: { may: [...core, "protocol"], runtime: "node", packages: [] },
  "store/memory": { may: [...core, "store", "protocol"], runtime: "node", packages: [] },
  "store/sqlite": { may: [...core, "store", "protocol"], runtime: "node", packages: [] },
  "store/postgres": { may: [...core, "store", "protocol"], runtime: "node", packages: ["pg"] },
  sim: { may: core, runtime: "ecmascript", packages: [] },
  monitor: { may: core, runtime: "ecmascript", packages: [] },
  tune: { may: [...core, "sim", "monitor"], runtime: "ecmascript", packages: [] },
  engine: { may: [...core, "store", "protocol"], runtime: "node", packages: ["@standard-schema/spec"] },
  server: { may: [...core, "protocol", "engine", "monitor", "tune"], runtime: "node", packages: "any" },
  client: { may: ["protocol"], runtime: "web", packages: [] },
  testing: { may: [...core, "store", "store/memory", "engine", "sim", "protocol", "app"], runtime: "node", packages: ["@standard-schema/spec"] },
  app: {
    may: [...core, ...stores, "protocol", "sim", "monitor", "tune", "engine", "server", "client"],
    runtime: "node",
    packages: "any",
  },
  cli: { may: ["client", "protocol", "sim", "monitor", "app"], runtime: "node", packages: "any" },
};

/** Modules that may be imported in one layer only, whatever the rows above say: each driver stays behind the store's interface. */
export const drivers: Readonly<Record<string, string>> = {
  "node:sqlite": "store/sqlite",
  pg: "store/postgres",
};

/** The same, but only among the layers of src/store/: the engine has threads of its own for work. */
export const storeDrivers: Readonly<Record<string, string>> = {
  ...drivers,
  "node:worker_threads": "store/sqlite",
};

/** The layer of a file under src/, or undefined when no row covers it. */
export function layerOf(path: string): string | undefined {
  const parts = path.replace(/\.[^./]+$/, "").split("/").slice(1);
  for (let depth = parts.length; depth > 0; depth--) {
    const name = parts.slice(0, depth).join("/");
    if (Object.hasOwn(layers, name)) return name;
  }
  return undefined;
}
