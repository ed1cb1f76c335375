import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { NO_FAULTS } from "./faults/plan.ts";

/** The system under flood. */
export interface System {
  url: string;
  /** A second edge, for what is about purchases; `null` where all goes to the first. */
  secondEdgeUrl: string | null;
  adminToken: string;
  /** Ends what this driver started, and removes its state; nothing when it was there before. */
  stop(): Promise<void>;
}

/** Where `npm start` listens unless told otherwise. */
const USUAL_URL = "http://127.0.0.1:8787";
/** A local system answers in a few milliseconds or is not there. */
const PROBE_TIMEOUT_MS = 2000;

/**
 * Finds the system to flood: the one at `url`; else the one that `npm start` runs here; else a new
 * one on a free port with a state folder of its own, with `isPurchaseApart` in two processes.
 */
export async function findSystem(
  url?: string,
  adminToken?: string,
  isPurchaseApart = false,
): Promise<System> {
  const given = adminToken ?? process.env["ADMIN_TOKEN"];
  const running = url ?? ((await isAnswering(USUAL_URL)) ? USUAL_URL : null);
  if (running === null) {
    // Loaded only when needed: a driver against a remote system starts without it.
    const { startOwnServer } = await import("./own-server.ts");
    return startOwnServer(NO_FAULTS, 1, isPurchaseApart);
  }
  return {
    url: running,
    secondEdgeUrl: null,
    adminToken: given ?? (await readAdminToken()),
    stop: async () => {},
  };
}

/** A port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** A new, empty folder for a system's state, and a way to remove it. */
export async function temporaryState(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "ropeline-bench-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

async function readAdminToken(): Promise<string> {
  const file = join(process.env["ROPELINE_STATE"] ?? ".ropeline", "admin-token");
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    throw new Error(
      `no admin token: ${file} cannot be read; pass --admin-token, or set ADMIN_TOKEN or ROPELINE_STATE as the running system has them`,
    );
  }
}

async function isAnswering(url: string): Promise<boolean> {
  return answers200(`${url}/health`);
}

async function answers200(url: string): Promise<boolean> {
  try {
    const answer = await request(url, {
      headersTimeout: PROBE_TIMEOUT_MS,
      bodyTimeout: PROBE_TIMEOUT_MS,
    });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}
