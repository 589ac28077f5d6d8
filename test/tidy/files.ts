// Reads the project's own text files for the tidy rules: what a person wrote, without dependencies, builds and data of runs.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Files } from "./rules.ts";

export const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

const folders = [".ci", "bench", "bin", "dashboard", "docs", "examples", "scripts", "src", "test"];
const extensions = ["", ".css", ".html", ".js", ".json", ".md", ".mjs", ".sh", ".sql", ".ts", ".tsx", ".yaml", ".yml"];
const generated = ["node_modules", "dist"];

/** Every text file at the root of the project and in the folders that hold its sources. */
export function projectFiles(): Files {
  const files = new Map<string, string>();
  const read = (path: string) => files.set(path, readFileSync(join(projectRoot, path), "utf8"));
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(projectRoot, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !generated.includes(entry.name) && !entry.name.startsWith(".")) walk(path);
      if (entry.isFile() && extensions.includes(extname(entry.name))) read(path);
    }
  };
  for (const entry of readdirSync(projectRoot, { withFileTypes: true })) {
    if (entry.isDirectory() && folders.includes(entry.name)) walk(entry.name);
    if (entry.isFile() && extensions.includes(extname(entry.name)) && !entry.name.startsWith(".git")) read(entry.name);
  }
  return files;
}
