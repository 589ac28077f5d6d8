/** Finds a module to start in a thread or process: it lies beside the caller, as TypeScript in the sources and JavaScript when built. */
export function siblingModule(importMetaUrl: string, name: string): URL {
  return new URL(`./${name}${importMetaUrl.endsWith(".ts") ? ".ts" : ".js"}`, importMetaUrl);
}
