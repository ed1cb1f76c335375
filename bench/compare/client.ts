import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, "load.lua");
/** Of one answer; a slower one counts as lost. */
const ANSWER_LONGEST_SECONDS = 10;
/** Beyond its own time `wrk` reads its requests before and tells the ids after. */
const BESIDE_LONGEST_MS = 30_000;
/** 50,000 ids are about 4 MB. */
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;
/** As fast as answers come. */
export const UNPACED = 0;

/** One request, ready to be sent. */
export interface Request {
  method: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  /** JSON text. */
  body?: string;
}

/** Requests to be sent by one `wrk`, over connections that are kept. */
export interface Load {
  url: string;
  /** What `writeRequests` has written. */
  file: string;
  /** Begin anew when all have been sent; else the run ends. */
  again: boolean;
  /** The field of answers that tells the order or the place; `null`: there is none. */
  idField: string | null;
  connections: number;
  seconds: number;
  /** Requests a second; `UNPACED`: as fast as answers come. */
  perSecond: number;
}

/** What one run of `wrk` saw. */
export interface Heard {
  answered: number;
  seconds: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  /** CPU time of the client itself. */
  cpuSeconds: number;
  /** How far the client fell behind its own rate. */
  lateMs: number;
  /** The prepared requests did not suffice, and the run ended early. */
  isEmpty: boolean;
  /** Connections, reads and writes that failed, and answers that took too long. */
  failed: number;
  statuses: Record<string, number>;
  /** What the id field of successful answers said. */
  ids: string[];
}

/** Writes requests to this address into a file, as `wrk` reads them. */
export async function writeRequests(
  file: string,
  url: string,
  requests: readonly Request[],
): Promise<void> {
  const { host } = new URL(url);
  await writeFile(file, requests.map((request) => `${textOf(request, host)}\0`).join(""));
}

/** Sends the requests by `wrk`, one thread of it, and returns what it heard. */
export async function sendLoad(load: Load): Promise<Heard> {
  const { again, connections, file, idField, perSecond, seconds, url } = load;
  const script = [file, again ? "again" : "once", idField ?? "none", String(perSecond)];
  const limits = [`-d${seconds}s`, `--timeout=${ANSWER_LONGEST_SECONDS}s`];
  const args = ["-t1", `-c${connections}`, ...limits, "-s", SCRIPT, url, "--", ...script];
  const { stdout } = await run("wrk", args, {
    timeout: seconds * 1000 + BESIDE_LONGEST_MS,
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Heard;
}

/** The first line of what `wrk` says of itself, or how to get it. */
export async function clientVersion(): Promise<string> {
  try {
    await run("wrk", ["-v"]);
  } catch (error) {
    // It says its version and then that it was called wrongly.
    if (error instanceof Error && "stdout" in error) {
      const [line = ""] = String(error.stdout).split("\n", 1);
      if (line.startsWith("wrk")) return line.split(" Copyright")[0] ?? line;
    }
  }
  throw new Error("wrk is not installed; on Debian: apt-get install wrk");
}

function textOf({ body, headers = {}, method, path }: Request, host: string): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const content =
    body === undefined
      ? ""
      : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${fields.join("")}${content}\r\n${body ?? ""}`;
}
