// Loaded before a program of the documentation: `makespan` is the sources of this project, wherever the program lies.
import { registerHooks } from "node:module";

const own: Readonly<Record<string, string>> = { makespan: "src/app/index.ts", "makespan/testing": "src/testing/index.ts", "makespan/sim": "src/sim/index.ts" };

registerHooks({
  resolve(specifier, context, next) {
    const path = own[specifier];
    return path === undefined ? next(specifier, context) : { url: new URL(`../../${path}`, import.meta.url).href, shortCircuit: true };
  },
});
