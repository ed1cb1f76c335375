import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { estimateRows, joinRows, socketRows } from "./figures/direct.ts";
import { figuresUsage, type FiguresOptions, parseFiguresOptions } from "./figures/options.ts";
import { type PartRows, promisesAreKept, renderRows, type Row } from "./figures/row.ts";
import { burstRows, delayRows, drainRows, soldOutRows, tabCloserRows } from "./figures/traces.ts";
import { runMain } from "./options.ts";

/** Every part starts a server of its own, or asks none. */
const PARTS: Record<string, (options: FiguresOptions) => Promise<Row[]>> = {
  burst: burstRows,
  delay: delayRows,
  drain: drainRows,
  "tab-closers": tabCloserRows,
  "sold-out": soldOutRows,
  estimates: estimateRows,
  joins: joinRows,
  sockets: socketRows,
};
/** No part begins later: what hangs must not hold the whole. */
const LONGEST_MS = 3_600_000;

/** The rows of one part; a part that cannot run is a row that says why. */
async function runPart(
  part: string,
  options: FiguresOptions,
  isTimeOver: boolean,
): Promise<PartRows> {
  const [loadBefore = 0] = loadavg();
  console.log(`\n== ${part}, load average ${loadBefore.toFixed(1)}`);
  try {
    if (isTimeOver) throw new Error("an hour is over; run it alone with --only");
    return { part, loadBefore, rows: (await PARTS[part]?.(options)) ?? [] };
  } catch (error) {
    console.error(error);
    const value = `could not run: ${error instanceof Error ? error.message : String(error)}`;
    const row = { figure: "", value, target: "", isMet: false, isPromise: true };
    return { part, loadBefore, rows: [row] };
  }
}

async function main(args: readonly string[]): Promise<number> {
  const names = Object.keys(PARTS);
  const options = parseFiguresOptions(args, names);
  if (options === null) {
    console.log(figuresUsage(names));
    return 0;
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
  console.log(`Figures of the waiting room on ${machine}`);
  const startMs = performance.now();
  const parts: PartRows[] = [];
  for (const part of options.parts) {
    const isTimeOver = performance.now() - startMs > LONGEST_MS;
    const rows = await runPart(part, options, isTimeOver);
    console.log(renderRows([rows]));
    parts.push(rows);
  }
  const minutes = (performance.now() - startMs) / 60_000;
  console.log(`\n${renderRows(parts)}\n\n${machine}; ${minutes.toFixed(1)} minutes`);
  if (options.report !== undefined) {
    await writeFile(options.report, `${JSON.stringify({ machine, minutes, parts }, null, 2)}\n`);
  }
  return promisesAreKept(parts) ? 0 : 1;
}

await runMain(main);
