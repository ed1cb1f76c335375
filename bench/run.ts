import { Admin, type FloodSale } from "./admin.ts";
import { Caller } from "./calls.ts";
import { machineClock } from "./clock.ts";
import { Crowd } from "./crowd.ts";
import { Meter } from "./meter.ts";
import type { Numbers } from "./options.ts";
import { seededRandom } from "./random.ts";
import type { ShopperRecord } from "./shopper-record.ts";

/** One sale, the crowd that floods it, and the admin who watches. */
export interface Run {
  sale: FloodSale;
  admin: Admin;
  crowd: Crowd;
  /** The crowd's calls; the admin's are not in it. */
  meter: Meter;
  /** Ends the looks and closes both pools. */
  close(): Promise<void>;
}

/** The admin reads one page after the other. */
const ADMIN_CONNECTIONS = 2;
/** Streams of the seeded generator that no shopper uses. */
const CROWD_BACKOFF_STREAM = -1;
const ADMIN_BACKOFF_STREAM = -2;
/** Objects count calls since they woke, and fall asleep after 10 s: a look keeps them counting. */
const LOOK_EVERY_MS = 4000;
/** Shoppers per second of ramp when the ramp is not given. */
const ARRIVALS_PER_SECOND = 1000;
/** After the sale, this many of the acknowledged holds are asked for again with their keys. */
const LATE_REPEATS_MAX = 100;

/** Creates the sale at this address and a crowd that is ready to run. */
export async function prepareRun(url: string, adminToken: string, numbers: Numbers): Promise<Run> {
  const clock = machineClock;
  const meter = new Meter();
  const adminCaller = new Caller({
    origin: url,
    connections: ADMIN_CONNECTIONS,
    clock,
    random: seededRandom(numbers.seed, ADMIN_BACKOFF_STREAM),
    meter: new Meter(),
  });
  const admin = new Admin(adminCaller, adminToken);
  const sale = await admin.createSale({
    stock: numbers.stock,
    capacity: numbers.capacity,
    newUsersPerMinute: numbers.rate,
    holdSeconds: numbers["hold-seconds"],
    claimSeconds: numbers["claim-seconds"],
    sessionDurationSeconds: numbers["session-seconds"],
    lanes: numbers.lanes,
  });
  const caller = new Caller({
    origin: url,
    connections: numbers.concurrency,
    clock,
    random: seededRandom(numbers.seed, CROWD_BACKOFF_STREAM),
    meter,
    deadlineMs: clock.nowMs() + numbers["max-minutes"] * 60_000,
  });
  const crowd = new Crowd({
    caller,
    saleId: sale.saleId,
    sku: sale.sku,
    shoppers: numbers.shoppers,
    arrivalSeconds: numbers.seconds || numbers.shoppers / ARRIVALS_PER_SECOND,
    declinePercent: numbers.decline,
    timeoutPercent: numbers.timeout,
    abandonPercent: numbers.abandon,
    doubleClickPercent: numbers["double-click"],
    thinkMs: numbers["think-ms"],
    seed: numbers.seed,
  });
  const looks = setInterval(() => {
    // A look that fails is not missed: the evidence is read anew in the end.
    admin.summary(sale.saleId).catch(() => undefined);
  }, LOOK_EVERY_MS);
  const close = async (): Promise<void> => {
    clearInterval(looks);
    await caller.close();
    await adminCaller.close();
  };
  return { sale, admin, crowd, meter, close };
}

/** How long holds may stay open after the crowd is done: abandoned ones have to run out. */
export function openHoldsMs(numbers: Numbers): number {
  return numbers.abandon > 0 ? numbers["hold-seconds"] * 1000 : 0;
}

/**
 * Asks again for holds that were acknowledged, with the same keys: after the sale is sold out the
 * winners whose answer was lost must still get it, the same bytes.
 */
export async function repeatPurchases(
  crowd: Crowd,
  records: readonly ShopperRecord[] = crowd.records,
): Promise<void> {
  const held = records.filter((record) => record.holds.length > 0).slice(0, LATE_REPEATS_MAX);
  for (const record of held) {
    const [hold] = record.holds;
    if (hold !== undefined) await crowd.shoppers[record.index]?.purchaseAgain(hold);
  }
}
