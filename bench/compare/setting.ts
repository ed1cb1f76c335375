import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { clientVersion } from "./client.ts";
import type { Setting } from "./report.ts";
import { median } from "./statistics.ts";

/** Writes of the probe: a page of a database, flushed each time. */
const SYNC_WRITES = 50;
const SYNC_BYTES = 4096;

const require = createRequire(import.meta.url);

/** Describes the machine and the versions of what runs on it. */
export async function readSetting(args: readonly string[]): Promise<Setting> {
  const [first] = cpus();
  const [loadAverage = 0] = loadavg();
  return {
    at: new Date().toISOString(),
    commit: said("git", ["rev-parse", "--short", "HEAD"]) ?? "unknown",
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    cores: cpus().length,
    cpu: first?.model ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    loadAverage,
    disk: {
      folder: tmpdir(),
      type: said("stat", ["-f", "-c", "%T", tmpdir()]) ?? "unknown",
      syncMs: syncMs(),
    },
    versions: {
      node: process.versions.node,
      workerd: versionOf("workerd"),
      miniflare: versionOf("miniflare"),
      client: await clientVersion(),
      ...installed("postgres", said("postgres", ["--version"])),
      ...installed("redis", said("redis-server", ["--version"])),
    },
  };
}

function versionOf(library: string): string {
  const { version } = require(`${library}/package.json`) as { version: string };
  return version;
}

function installed(name: string, text: string | null): Record<string, string> {
  const version = /(\d+\.[\d.]+)/.exec(text ?? "")?.[1];
  return version === undefined ? {} : { [name]: version };
}

/** What a program prints; null where it is not there. */
function said(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}

/** How long the disk takes to have a page for good, in milliseconds: the median of some. */
function syncMs(): number {
  const path = join(tmpdir(), `ropeline-sync-${process.pid}`);
  const file = openSync(path, "w");
  const page = Buffer.alloc(SYNC_BYTES);
  const times = Array.from({ length: SYNC_WRITES }, () => {
    const startMs = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - startMs;
  });
  closeSync(file);
  rmSync(path);
  return median(times);
}
