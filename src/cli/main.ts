/**
 * Entry of the command line: bin/makespan.js imports it. It does nothing but start the frame with the process's own streams;
 * compiled code is cached, since most of a short command's time is loading.
 */
import { enableCompileCache } from "node:module";
import { tuneCompiler } from "./tune-compiler.ts";

tuneCompiler();
enableCompileCache();

const { runCli } = await import("./frame.ts");
process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  folder: process.cwd(),
  now: () => Date.now(),
});
