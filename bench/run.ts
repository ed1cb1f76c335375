import { shopAt } from "../books/shop.ts";
import { fairnessAddress } from "../verify/source/address.ts";
import { Admin, type FloodSale, type FloodSaleSettings } from "./admin.ts";
import { type Ahead, isStanding } from "./ahead.ts";
import {
  type BooksEvidence,
  type BooksSources,
  compareBooks,
  readBooks,
} from "./books-evidence.ts";
import { Caller, TimeOver } from "./calls.ts";
import { machineClock } from "./clock.ts";
import { CallFaults, type CallFaultRates } from "./call-faults.ts";
import { Crowd, type CrowdPlan, NO_BOTS } from "./crowd.ts";
import { collectEvidence, readNow, type Evidence } from "./evidence.ts";
import { collectLog } from "./log-evidence.ts";
import { READ_AT_ONCE, readMail } from "./mailboxes.ts";
import { Meter } from "./meter.ts";
import { arrivalSeconds, type Numbers } from "./options.ts";
import type { PaymentMix } from "./payments.ts";
import { seededRandom } from "../domain/random.ts";
import type { ShopperRecord } from "./shopper-record.ts";
import { Stages } from "./stages.ts";

/** One sale, the crowd that floods it, and the admin who watches. */
export interface Flooding {
  sale: FloodSale;
  admin: Admin;
  crowd: Crowd;
}

/** The same with all that is measured and judged. */
export interface Run extends Flooding {
  /** The crowd's calls; the admin's are not in it. */
  meter: Meter;
  /** What the parts of the run take. */
  stages: Stages;
  /** Where the sale's public log is read. */
  logAddress: string;
  /** Where the books are read. */
  books: BooksSources;
  /** What the driver did to calls on purpose; null where it does nothing. */
  faults: CallFaults | null;
  /** Ends the looks and closes both pools. */
  close(): Promise<void>;
}

/** Streams of the seeded generator that no shopper uses. */
const CROWD_BACKOFF_STREAM = -1;
const ADMIN_BACKOFF_STREAM = -2;
const FAULT_STREAM = -4;
/** Objects count calls since they woke, and fall asleep after 10 s: a look keeps them counting. */
const LOOK_EVERY_MS = 4000;
/** A shopper who never answers at the bank is given up after 5 minutes, and the payment then voided, at the pace of production. */
const PAYMENT_LONGEST_MS = 330_000;
/** After the sale, this many of the acknowledged holds are asked for again with their keys. */
const LATE_REPEATS_MAX = 100;

/** The sale to create, and who comes to it. */
export interface RunPlan {
  sale: FloodSaleSettings;
  crowd: CrowdPlan;
  faults: CallFaultRates | null;
}

/** The numbers of the driver itself, whatever the plan. */
export type DriverNumbers = Pick<Numbers, "seed" | "concurrency" | "max-minutes">;

/** The plan of a flood that the command line describes. */
export function planOf(numbers: Numbers, payments: PaymentMix): RunPlan {
  const { shoppers } = numbers;
  const seconds = arrivalSeconds(numbers);
  return {
    sale: {
      stock: numbers.stock,
      capacity: numbers.capacity,
      newUsersPerMinute: numbers.rate,
      holdSeconds: numbers["hold-seconds"],
      claimSeconds: numbers["claim-seconds"],
      sessionDurationSeconds: numbers["session-seconds"],
      lanes: numbers.lanes,
      intakes: numbers.intakes,
    },
    crowd: {
      arrivals: [{ afterSeconds: 0, seconds, shoppers }],
      bots: NO_BOTS,
      tokensFirst: false,
      closeTabPercent: 0,
      socketPercent: numbers.sockets,
      serviceMs: null,
      payments,
      retryPercent: numbers.retry,
      walkAwayPercent: numbers["walk-away"],
      listPercent: numbers.waitlist,
      doubleClickPercent: numbers["double-click"],
      thinkMs: numbers["think-ms"],
    },
    faults: null,
  };
}

/** Creates the sale at this address and a crowd that is ready to run, whose calls `meter` counts; some go to the second edge, if any. */
export async function prepareRun(
  url: string,
  adminToken: string,
  plan: RunPlan,
  numbers: DriverNumbers,
  meter = new Meter(),
  secondEdge: string | null = null,
): Promise<Run> {
  const clock = machineClock;
  const adminCaller = new Caller({
    origin: url,
    secondEdge,
    connections: READ_AT_ONCE,
    clock,
    random: seededRandom(numbers.seed, ADMIN_BACKOFF_STREAM),
    meter: new Meter(),
  });
  const admin = new Admin(adminCaller, adminToken);
  const sale = await admin.createSale(plan.sale);
  const faults =
    plan.faults === null
      ? null
      : new CallFaults(plan.faults, seededRandom(numbers.seed, FAULT_STREAM));
  const caller = new Caller({
    origin: url,
    secondEdge,
    connections: numbers.concurrency,
    clock,
    random: seededRandom(numbers.seed, CROWD_BACKOFF_STREAM),
    meter,
    deadlineMs: clock.nowMs() + numbers["max-minutes"] * 60_000,
    ...(faults === null ? {} : { faults }),
  });
  const crowd = new Crowd({
    ...plan.crowd,
    caller,
    saleId: sale.saleId,
    sku: sale.sku,
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
  const books = {
    admin,
    clock,
    shop: shopAt(url, adminToken),
    readMail: () => readMail(adminCaller, crowd.shoppers),
  };
  const logAddress = fairnessAddress(`${url}/api/v1/sales/${sale.saleId}`);
  const stages = new Stages();
  return { sale, admin, crowd, meter, stages, logAddress, books, faults, close };
}

/**
 * Reads everything that is judged when the crowd is done; `holdsOpenMs` as `collectEvidence` takes it. Of what was read
 * ahead it takes what still stands.
 */
export async function evidenceOf(
  { admin, books, crowd, logAddress, stages }: Run,
  sale: FloodSale,
  holdsOpenMs: number,
  ahead: Ahead | null = null,
): Promise<Evidence> {
  stages.begin("tables settle");
  console.log("Waiting for D1 to settle, then comparing the ledger, D1 and the shoppers");
  const ledger = ahead === null ? [] : await admin.ledger(sale);
  const standing = ahead !== null && isStanding(ahead, ledger) ? ahead : null;
  const tables = standing
    ? { ...standing.tables, ...(await readNow(admin, sale)), ledger }
    : await collectEvidence(admin, sale, crowd.records, machineClock, holdsOpenMs);
  stages.begin("books and log");
  console.log("Reconciling the books, verifying the history, rebuilding the tables");
  console.log("Verifying the line's public log");
  // The first is work for the system, the second for this process.
  const [proof, log] = await Promise.all([
    booksOf(books, tables, standing),
    collectLog(logAddress, crowd.records),
  ]);
  return { ...tables, isReadAhead: standing !== null, proof, log };
}

async function booksOf(
  sources: BooksSources,
  { ledger, sale }: Evidence,
  standing: Ahead | null,
): Promise<BooksEvidence> {
  const read = standing?.books ?? (await readBooks(sources, sale, ledger));
  return { ...read, ...(await compareBooks(sources, sale)) };
}

/** How long holds and payments may stay open after the crowd is done: those left behind have to run out. */
export function openLongestMs({ crowd, sale }: RunPlan): number {
  const holdsMs = crowd.walkAwayPercent > 0 ? sale.holdSeconds * 1000 : 0;
  return holdsMs + (Object.keys(crowd.payments).length > 0 ? PAYMENT_LONGEST_MS : 0);
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
    try {
      if (hold !== undefined) await crowd.shoppers[record.index]?.purchaseAgain(hold);
    } catch (error) {
      // What was told until then is judged all the same.
      if (!(error instanceof TimeOver)) throw error;
      return;
    }
  }
}
