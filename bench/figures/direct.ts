import { meanCalibration, TRIALS } from "../estimate-trials.ts";
import { measureJoins } from "../join-rate.ts";
import { openFilesMax } from "../open-files.ts";
import { startOwnServer } from "../own-server.ts";
import { measurePush } from "../push.ts";
import { whole } from "../table.ts";
import type { FiguresOptions } from "./options.ts";
import { atMost, type Row, shown } from "./row.ts";

/** Seeds of each trial; their shares are averaged. */
const TRIAL_SEEDS = 5;
const HELD_SHARE_MIN = 0.9;
/** An interval is narrow that is one of these. */
const WIDTH_SHARE_MAX = 0.4;
const WIDTH_MAX_SECONDS = 30;
/** The reorder window, and 150 ms for everything else. */
const JOIN_P99_MAX_MS = 250 + 150;
/** Everyone hears of a change within this. */
const PUSH_MAX_MS = 1000;
const CHANGES = 6;

/** How often the waits that are shown hold what comes; no server is asked. */
export async function estimateRows(): Promise<Row[]> {
  return TRIALS.map((trial) => {
    const { held, widthSeconds, widthShare } = meanCalibration(trial, TRIAL_SEEDS);
    const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
    const isNarrow = widthShare <= WIDTH_SHARE_MAX || widthSeconds <= WIDTH_MAX_SECONDS;
    return {
      figure: trial.name,
      value: `${percent(held)} held; ${widthSeconds.toFixed(0)} s wide, ${percent(widthShare)} of the wait`,
      target: `${percent(HELD_SHARE_MIN)} held; ${WIDTH_MAX_SECONDS} s or ${percent(WIDTH_SHARE_MAX)}`,
      isMet: held >= HELD_SHARE_MIN && isNarrow,
      isPromise: false,
    };
  });
}

/** Joins at a fixed rate, whatever becomes of those before them. */
export async function joinRows({ numbers }: FiguresOptions): Promise<Row[]> {
  const system = await startOwnServer();
  try {
    const { joins, "join-seconds": seconds, seed } = numbers;
    const figures = await measureJoins(system, { perSecond: joins, seconds, seed });
    const { afterMs, answered, busy, lateMs, tookMs } = figures;
    return [
      shown(
        "joins",
        `${whole(joins)} a second for ${seconds} s: ${whole(answered)} of ${whole(figures.joins)} answered in ${(tookMs / 1000).toFixed(1)} s, ${whole(busy)} busy`,
      ),
      shown("join, p50", ms(afterMs.p50)),
      atMost("join, p99", afterMs.p99, JOIN_P99_MAX_MS, ms, `, max ${ms(afterMs.max)}`),
      shown("the driver was late", `p99 ${ms(lateMs.p99)}, max ${ms(lateMs.max)}`),
    ];
  } finally {
    await system.stop();
  }
}

/** How soon everyone who has a socket hears of a change. */
export async function socketRows({ numbers }: FiguresOptions): Promise<Row[]> {
  const { seed, sockets } = numbers;
  const filesMax = openFilesMax();
  const system = await startOwnServer();
  try {
    const figures = await measurePush(system, { sockets, changes: CHANGES, seed });
    const { afterMs, lost, missed, opened, openingMs, refused, untilAllMs } = figures;
    const all = untilAllMs.map((value) => whole(value)).join(" ");
    const spread = `, p50 ${ms(afterMs.p50)}, p99 ${ms(afterMs.p99)}; change by change: ${all}`;
    const isWhole = opened === sockets && lost + missed === 0;
    return [
      {
        figure: "sockets",
        value: `${whole(opened)} open after ${(openingMs / 1000).toFixed(1)} s, ${whole(refused)} refused, ${whole(lost)} lost`,
        target: `${whole(sockets)} open, none lost`,
        isMet: isWhole,
        isPromise: false,
      },
      atMost("a change is heard by all", afterMs.max, PUSH_MAX_MS, ms, spread),
      shown("changes not heard", `${whole(missed)} of ${whole(CHANGES * opened)}`),
      shown("open files allowed", Number.isFinite(filesMax) ? whole(filesMax) : "no limit"),
    ];
  } finally {
    await system.stop();
  }
}

function ms(value: number): string {
  return `${whole(value)} ms`;
}
