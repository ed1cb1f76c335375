import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { LOOPBACK } from "../../local/front.ts";

/** The runtime with objects of every size in it. */
export interface StageRuntime {
  /** Asks the Worker (`worker.ts`) for a path. */
  ask: <Answer>(path: string) => Promise<Answer>;
  stop: () => Promise<void>;
}

/** Starts the real runtime on real files, in a folder of its own that goes away with it. */
export async function startStage(): Promise<StageRuntime> {
  const folder = await mkdtemp(join(tmpdir(), "ropeline-growth-"));
  const script = join(folder, "worker.js");
  await build({
    entryPoints: [join(import.meta.dirname, "worker.ts")],
    outfile: script,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:workers", "node:*"],
  });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "growth",
      modules: [{ type: "ESModule", path: script }],
      modulesRoot: folder,
      compatibilityDate: "2026-11-01",
      // An object that is put away would lose the world that stands in it.
      durableObjects: {
        STAGE: { className: "Stage", useSQLite: true, unsafePreventEviction: true },
      },
      host: LOOPBACK,
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      logRequests: false,
      resourcePersistencePath: join(folder, "state"),
    }),
  );
  await miniflare.ready;
  return {
    ask: async <Answer>(path: string) => {
      const response = await miniflare.dispatchFetch(`http://growth${path}`);
      const text = await response.text();
      if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text}`);
      return JSON.parse(text) as Answer;
    },
    stop: async () => {
      await miniflare.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
