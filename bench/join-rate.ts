import { TimeOver } from "./calls.ts";
import { machineClock } from "./clock.ts";
import { assertOpenFiles } from "./open-files.ts";
import type { Spread } from "../domain/fairness/report.ts";
import { spreadOf } from "../domain/fairness/spread.ts";
import { openQuietSale } from "./quiet-sale.ts";
import type { Shopper } from "./shopper.ts";

/** How often joins that are due are sent. */
const PACE_MS = 2;
/** Joins that wait for answers at once: beyond this they wait for a connection, which counts. */
const CONNECTIONS_MAX = 2000;
/** For tokens before, and answers after the last join. */
const BESIDE_LONGEST_MS = 90_000;

/** Joins that come at a fixed rate, whatever becomes of those before them. */
export interface JoinRatePlan {
  perSecond: number;
  seconds: number;
  seed: number;
}

/** How the joins fared. Times count from the moment that a join was due, not from when it was sent. */
export interface JoinRateFigures {
  joins: number;
  answered: number;
  afterMs: Spread;
  /** How late the driver itself was. */
  lateMs: Spread;
  /** Answers 503, each repeated. */
  busy: number;
  /** From the first join that was due to the last answer. */
  tookMs: number;
}

/** Sends joins of guests who have their tokens, at the rate, and waits for all answers. */
export async function measureJoins(
  { adminToken, url }: { adminToken: string; url: string },
  { perSecond, seconds, seed }: JoinRatePlan,
): Promise<JoinRateFigures> {
  const joins = perSecond * seconds;
  const connections = Math.min(joins, CONNECTIONS_MAX);
  assertOpenFiles(connections);
  const longestMs = BESIDE_LONGEST_MS + seconds * 1000;
  const quiet = await openQuietSale({
    url,
    adminToken,
    shoppers: joins,
    connections,
    longestMs,
    seed,
  });
  try {
    const startMs = machineClock.nowMs();
    const timed = await sendInTime(quiet.shoppers, (index) => startMs + (index * 1000) / perSecond);
    const answers = timed.flatMap(({ answeredAtMs, dueMs }) =>
      answeredAtMs === null ? [] : [{ answeredAtMs, afterMs: answeredAtMs - dueMs }],
    );
    return {
      joins,
      answered: answers.length,
      afterMs: spreadOf(answers.map(({ afterMs }) => afterMs)),
      lateMs: spreadOf(timed.map(({ dueMs, sentAtMs }) => sentAtMs - dueMs)),
      busy: quiet.meter.busy,
      tookMs: answers.reduce((last, one) => Math.max(last, one.answeredAtMs), startMs) - startMs,
    };
  } finally {
    await quiet.close();
  }
}

interface TimedJoin {
  dueMs: number;
  sentAtMs: number;
  /** Null when there was none in time. */
  answeredAtMs: number | null;
}

async function sendInTime(
  shoppers: readonly Shopper[],
  dueMsOf: (index: number) => number,
): Promise<TimedJoin[]> {
  const clock = machineClock;
  const timed: Promise<TimedJoin>[] = [];
  while (timed.length < shoppers.length) {
    const dueMs = dueMsOf(timed.length);
    const shopper = shoppers[timed.length];
    if (dueMs > clock.nowMs() || shopper === undefined) await clock.sleep(PACE_MS);
    else timed.push(join(shopper, dueMs, clock.nowMs()));
  }
  return Promise.all(timed);
}

async function join(shopper: Shopper, dueMs: number, sentAtMs: number): Promise<TimedJoin> {
  try {
    await shopper.join();
  } catch (error) {
    if (!(error instanceof TimeOver)) throw error;
  }
  const answeredAtMs = shopper.record.places.at(-1)?.answeredAtMs ?? null;
  return { dueMs, sentAtMs, answeredAtMs };
}
