import { join } from "node:path";

/** The root of the repository; every command works from any current directory. */
export const ROOT = join(import.meta.dirname, "..");

/** What the tools write between runs; safe to delete at any time, git-ignored. */
export const BUILD_DIRECTORY = join(ROOT, ".build");

/** Where the built pages are; the gateway serves them as static assets. */
export const PAGES_DIRECTORY = join(ROOT, "web/dist");

/** The role of a Worker in the system, used as the name of its build folder. */
export type WorkerRole = "gateway" | "purchase" | "waiting-room";

/** Where each Worker's configuration lives. The gateway comes first: it is the public one. */
export const WORKER_CONFIGS: readonly { role: WorkerRole; config: string }[] = [
  { role: "gateway", config: join(ROOT, "wrangler.toml") },
  { role: "purchase", config: join(ROOT, "workers/purchase/wrangler.toml") },
  { role: "waiting-room", config: join(ROOT, "workers/waiting-room/wrangler.toml") },
];
