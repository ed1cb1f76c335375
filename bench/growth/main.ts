import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { numberFrom, parseOrExplain, runMain, UsageError } from "../options.ts";
import { originOf, writeJson } from "../saved.ts";
import {
  breachesOf,
  compareRows,
  renderKind,
  renderStart,
  type Growth,
  type KindGrowth,
  type StartGrowth,
} from "./report.ts";
import type { Row } from "./rounds.ts";
import { type StageRuntime, startStage } from "./stage.ts";
import { KINDS, TIMED_TURNS, type Kind } from "./kinds.ts";

// `npm run growth`: what the objects' commands cost as the objects fill, in the real runtime on real files.

const SIZES: Record<Kind, number[]> = {
  item: [1_000, 100_000, 1_000_000],
  line: [10_000, 1_000_000],
  lane: [10_000, 1_000_000],
};
/** The first turn that is timed: those before were counted. */
const FIRST_TIMED = 2;
const ROUNDS = { fallback: 10, min: 1, max: 14 };
const LARGEST = { fallback: 1_000_000, min: 10_000, max: 1_000_000 };

const USAGE = `npm run growth -- [options]
  --only     kinds of objects, with commas between (${KINDS.join(",")})
  --largest  tickets or holds of the largest object (${LARGEST.fallback})
  --rounds   how often every command is timed, ten of it at a time (${ROUNDS.fallback})
  --report   file to write the figures to, as JSON (bench/reports/growth.json)`;

async function growthOf(
  { ask }: StageRuntime,
  kind: Kind,
  sizes: number[],
  rounds: number,
): Promise<KindGrowth> {
  let bytes = 0;
  const rows: Row[][] = [];
  for (const size of sizes) {
    bytes = await filled(ask, kind, size);
    rows.push(await ask<Row[]>(`/${kind}/${size}/count`));
  }
  const times = sizes.map(() => new Map<string, number[]>());
  // The first round fills caches: it is not counted. Sizes take turns, so that a busy machine is busy for all.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, size] of sizes.entries()) {
      const took = await ask<Record<string, number>>(
        `/${kind}/${size}/${FIRST_TIMED + round * TIMED_TURNS}`,
      );
      if (round === 0) continue;
      for (const [name, ms] of Object.entries(took))
        times[index]?.set(name, [...(times[index].get(name) ?? []), ms]);
    }
  }
  const commands = compareRows(rows).map((row) => {
    const milliseconds = times.map((bySize) => undisturbed(bySize.get(row.name) ?? []));
    return Object.assign(row, { milliseconds });
  });
  return { kind, sizes, bytesEach: bytes / (sizes.at(-1) ?? 1), commands };
}

/** The mean of the faster half: others use the machine, and the runtime's clock counts whole milliseconds. */
function undisturbed(times: readonly number[]): number {
  const faster = times.toSorted((a, b) => a - b).slice(0, Math.ceil(times.length / 2));
  return faster.reduce((sum, ms) => sum + ms, 0) / faster.length;
}

/** Fills an object; its bytes. A large one takes minutes: it is asked until it is done. */
async function filled(ask: StageRuntime["ask"], kind: Kind, size: number): Promise<number> {
  for (;;) {
    const { bytes } = await ask<{ bytes: number | null }>(`/${kind}/${size}/fill`);
    if (bytes !== null) return bytes;
  }
}

async function startOf({ ask }: StageRuntime, sizes: number[]): Promise<StartGrowth> {
  const rows: Row[][] = [];
  for (const size of sizes) rows.push(await ask<Row[]>(`/line/${size}/start`));
  return { sizes, steps: compareRows(rows) };
}

async function main(args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseOrExplain({
    args: [...args],
    options: { help: { type: "boolean" }, only: text, largest: text, rounds: text, report: text },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const only = values.only?.split(",") ?? KINDS;
  const unknown = only.find((name) => !KINDS.includes(name as Kind));
  if (unknown !== undefined) throw new UsageError(`--only knows ${KINDS.join(", ")}`);
  const rounds = numberFrom("rounds", values.rounds, ROUNDS);
  const largest = numberFrom("largest", values.largest, LARGEST);
  const within = (sizes: number[]): number[] => [
    ...sizes.filter((size) => size < largest),
    largest,
  ];
  const stage = await startStage();
  try {
    const kinds: KindGrowth[] = [];
    for (const kind of KINDS.filter((name) => only.includes(name))) {
      const growth = await growthOf(stage, kind, within(SIZES[kind]), rounds);
      console.log(`${renderKind(growth)}\n`);
      kinds.push(growth);
    }
    const start = await startOf(stage, within(SIZES.line));
    console.log(`${renderStart(start)}\n`);
    const growth: Growth = { ...(await originOf("growth", args)), kinds, start };
    const report = values.report ?? "bench/reports/growth.json";
    await mkdir(dirname(report), { recursive: true });
    await writeJson(report, growth);
    const breaches = breachesOf(growth);
    console.log(
      breaches.length === 0 ? "Nothing costs more in a larger object." : breaches.join("\n"),
    );
    return breaches.length === 0 ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

await runMain(main);
