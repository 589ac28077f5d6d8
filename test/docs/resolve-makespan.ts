// Loaded before a program of the documentation: `makespan` is the sources of this project, and other packages are those that it
// has installed, wherever the program lies.
import { registerHooks } from "node:module";

const root = new URL("../../", import.meta.url);
const own: Readonly<Record<string, string>> = { makespan: "src/app/index.ts", "makespan/testing": "src/testing/index.ts" };

registerHooks({
  resolve(specifier, context, next) {
    const path = own[specifier];
    if (path !== undefined) return { url: new URL(path, root).href, shortCircuit: true };
    const isPackage = /^[@a-z]/i.test(specifier) && !specifier.includes(":");
    return next(specifier, isPackage ? { ...context, parentURL: new URL("package.json", root).href } : context);
  },
});
