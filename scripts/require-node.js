// Stops an npm script with one clear line when it runs on a Node that is too old, before anything fails in a less clear way.
// It happens on platforms for which scripts/node24 has no binary.
import { isNewEnough, refusal } from "../bin/node-version.js";

if (!isNewEnough(process.versions.node)) {
  console.error(refusal(process.versions.node));
  process.exit(2);
}
