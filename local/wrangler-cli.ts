import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ROOT } from "./paths.ts";

/** How a wrangler command ended: exit code (1 when killed) and all it printed, in order. */
export interface WranglerResult {
  exitCode: number;
  output: string;
}

/** The path of the wrangler program that this project pins. */
export function wranglerProgram(): string {
  const manifest = createRequire(import.meta.url).resolve("wrangler/package.json");
  return join(dirname(manifest), "bin/wrangler.js");
}

/** The environment for wrangler: the caller's, without usage reports, log files and the look-up for updates. */
export function wranglerEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
  };
}

/** Runs wrangler in the repository's root and collects what it prints. Never rejects on exit codes. */
export function runWrangler(args: readonly string[]): Promise<WranglerResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [wranglerProgram(), ...args], {
      cwd: ROOT,
      env: wranglerEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
