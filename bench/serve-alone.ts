import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { LOOPBACK } from "../local/front.ts";
import { watchStopSignals } from "../local/stop-signals.ts";

type WorkerOptions = Parameters<typeof convertV4MiniflareOptions>[0];

/** Runs one Worker as `npm start` runs the product, on a socket of its own with its tables in files, until the process is told to stop. */
export async function serveAlone(
  worker: WorkerOptions,
  { port, state }: { port: number; state: string },
): Promise<never> {
  const signals = watchStopSignals();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...worker,
      compatibilityDate: "2026-11-01",
      unsafeDirectSockets: [{ host: LOOPBACK, port }],
      host: LOOPBACK,
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      logRequests: false,
      resourcePersistencePath: state,
    }),
  );
  await miniflare.ready;
  await signals.next();
  await miniflare.dispose();
  process.exit(0);
}
