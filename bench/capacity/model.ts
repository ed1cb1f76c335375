import { laneDelayMs } from "../../domain/queue/lane.ts";
import { LIVE_SHARDS } from "../../domain/queue/live-tree.ts";
import { OBJECT_GB, PRICES, QUEUE_CHUNK_BYTES, type Meter } from "./prices.ts";
import {
  BYTES,
  D1_ROWS,
  EVENTS_PER_ORDER,
  MESSAGES_PER_ORDER,
  OBJECT_ROWS,
  OBJECT_ROWS_READ,
  type Rows,
} from "./rows.ts";

/*
 * What a sale costs, counted from what its shoppers do. Every line says how often something happens and by
 * which meter it is billed; the price follows.
 */

/** A sale and its crowd. */
export interface Scenario {
  shoppers: number;
  /** All arrive within. */
  arriveSeconds: number;
  /** From the start until everything is sold and everyone has gone; who gets nothing waits until then. */
  minutes: number;
  skus: number;
  /** Units over all items, one an order; all are sold. */
  units: number;
  /** Shoppers who are let in for each unit that is sold. */
  entrantsPerUnit: number;
  /** Of those who wait, who has a socket; the others poll. */
  socketPercent: number;
  /** Of those with a socket so many seconds pass between two polls. */
  safetyPollSeconds: number;
  /** Of those without. */
  pollSeconds: number;
  /** Reads of the shop's API by each page before the join, and of an order by each buyer after the purchase. */
  pageReads: number;
  orderReads: number;
  lanes: number;
  /** In front of every item; 0: none. */
  intakes: number;
  /** Parts of the world that have sockets. */
  regions: number;
  /** Isolates that serve the gateway at once: each reads the board twice a second. */
  isolates: number;
  /** Of all invocations, how many are written to the log. */
  logPercent: number;
}

/** A drop as the README has it. */
export const USUAL: Scenario = {
  shoppers: 100_000,
  arriveSeconds: 60,
  minutes: 15,
  skus: 1,
  units: 10_000,
  entrantsPerUnit: 1.1,
  socketPercent: 95,
  safetyPollSeconds: 60,
  pollSeconds: 20,
  pageReads: 2,
  orderReads: 4,
  lanes: 64,
  intakes: 0,
  regions: 2,
  isolates: 100,
  logPercent: 0,
};

/** One line of the count. */
export interface Item {
  /** Who does it: a kind of object, `gateway`, a queue … */
  who: string;
  what: string;
  meter: Meter;
  count: number;
}

/** CPU of one request to the gateway, its calls to other Workers included: what is measured here is a tenth of it. */
const REQUEST_CPU_MS = 1;
const CONSUMER_CPU_MS = 20;
/** What a micro-batch of joins waits for others where the reorder window is 250 ms, the time at the gateway left out, and what one of purchases waits about. */
export const JOIN_BATCH_SECONDS = 0.0625;
const BATCH_SECONDS = 0.025;
/** How often the sequencer looks whose window has closed, and how often it ticks. */
const ORDER_SECONDS = 0.02;
const TICK_SECONDS = 0.25;
/** Boards pushed and reports of an item a second, while anything changes. */
const BOARDS_PER_SECOND = 4;
const REPORTS_PER_SECOND = 4;
/** Board reads a second of one isolate; the cache before the feed lets one a second through. */
export const BOARD_READS_PER_SECOND = 2;
const PAGE_SECONDS = 0.1;
export const PAGE_MAX_EVENTS = 100;
/** Written, read and deleted. */
export const OPERATIONS_PER_CHUNK = 3;
const LIVE_WATCHDOG_SECONDS = 2;
/** Entries of the public log: joined, and for each who is let in asked, granted and over. */
const LOG_ENTRIES_PER_ENTRANT = 3;
const TILE_ENTRIES = 256;

/** Everything that is billed for a sale. */
export function itemsOf(scenario: Scenario): Item[] {
  const derived = derive(scenario);
  const items = [
    ...gatewayItems(scenario, derived),
    ...lineItems(scenario, derived),
    ...orderItems(scenario, derived),
    ...liveItems(scenario, derived),
    ...durationItems(scenario, derived),
    ...storageItems(scenario, derived),
  ];
  const events = items
    .filter(({ meter }) => meter === "workerRequests" || meter === "objectRequests")
    .reduce((sum, { count }) => sum + count, 0);
  const logs = (events * scenario.logPercent) / 100;
  return [...items, { who: "logs", what: "invocations logged", meter: "logEvents", count: logs }];
}

/** Dollars of a line. */
export function dollarsOf({ meter, count }: Item): number {
  return count * PRICES[meter].dollars;
}

/** Dollars of a sale. */
export function totalOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + dollarsOf(item), 0);
}

/** How many batches `n` events make that come to each of `collectors` over a time, where a batch waits so long. */
export function batchesOf(
  n: number,
  collectors: number,
  overSeconds: number,
  delaySeconds: number,
): number {
  if (n === 0) return 0;
  // A batch begins with an event: after the delay the next one has to come first.
  return (collectors * overSeconds) / (delaySeconds + (collectors * overSeconds) / n);
}

/** What follows from a scenario, and is used in several places. */
export interface Derived {
  seconds: number;
  entrants: number;
  sockets: number;
  /** Seconds that all shoppers together wait in line. */
  waitingSeconds: number;
  joinBatches: number;
  joinCommits: number;
  claimBatches: number;
  shards: number;
  pages: number;
  events: number;
  paymentBatches: number;
}

export function derive(scenario: Scenario): Derived {
  const { arriveSeconds, entrantsPerUnit, lanes, minutes, regions, shoppers, skus, units } =
    scenario;
  const seconds = minutes * 60;
  const entrants = Math.min(shoppers, units * entrantsPerUnit);
  const sockets = (shoppers * scenario.socketPercent) / 100;
  const batchSeconds = laneDelayMs(lanes) / 1000;
  const joinSeconds = Math.max(batchSeconds, JOIN_BATCH_SECONDS);
  const events = EVENTS_PER_ORDER * units;
  return {
    seconds,
    entrants,
    sockets,
    // Who is let in waits half as long as the others.
    waitingSeconds: (shoppers - entrants / 2) * seconds,
    joinBatches: batchesOf(shoppers, lanes, arriveSeconds, joinSeconds),
    joinCommits: batchesOf(shoppers, 1, arriveSeconds, ORDER_SECONDS),
    claimBatches: batchesOf(entrants, lanes, seconds, batchSeconds),
    shards: regions * Math.min(LIVE_SHARDS, Math.max(1, sockets / regions)),
    events,
    pages: Math.max(events / PAGE_MAX_EVENTS, batchesOf(events, skus, seconds, PAGE_SECONDS)),
    paymentBatches: batchesOf(units, skus, seconds, ORDER_SECONDS),
  };
}

function gatewayItems(scenario: Scenario, derived: Derived): Item[] {
  const { shoppers, units, safetyPollSeconds, pollSeconds, socketPercent } = scenario;
  const { entrants, seconds, sockets, waitingSeconds } = derived;
  const socketShare = socketPercent / 100;
  const requests: [string, number][] = [
    ["page: reads of the sale", shoppers * scenario.pageReads],
    ["guest token", shoppers],
    ["join", shoppers],
    ["address of a socket", sockets],
    ["socket opened", sockets],
    ["polls beside a socket", (waitingSeconds * socketShare) / safetyPollSeconds],
    ["polls without a socket", (waitingSeconds * (1 - socketShare)) / pollSeconds],
    ["claim", entrants],
    ["purchase", entrants],
    ["checkout", units],
    ["order read", units * scenario.orderReads],
    ["board read through the cache", scenario.isolates * BOARD_READS_PER_SECOND * seconds],
  ];
  return requests.flatMap(([what, count]): Item[] => [
    { who: "gateway", what, meter: "workerRequests", count },
    { who: "gateway", what, meter: "cpuMs", count: count * REQUEST_CPU_MS },
  ]);
}

/** Joining and being let in. */
function lineItems({ shoppers, skus }: Scenario, derived: Derived): Item[] {
  const { claimBatches, entrants, joinBatches, joinCommits, seconds } = derived;
  const reports = REPORTS_PER_SECOND * seconds * skus;
  const ticks = seconds / TICK_SECONDS;
  const read =
    shoppers * OBJECT_ROWS_READ.join +
    entrants * OBJECT_ROWS_READ.claim +
    ticks * OBJECT_ROWS_READ.tick;
  return [
    calls("QueueLane", "join", shoppers),
    calls("QueueLane", "claim", entrants),
    written("QueueLane", "join", OBJECT_ROWS.laneJoin, shoppers, joinBatches),
    written("QueueLane", "claim", OBJECT_ROWS.laneClaim, entrants, claimBatches),
    calls("QueueSequencer", "batches of joins", joinBatches),
    calls("QueueSequencer", "batches of claims", claimBatches),
    calls("QueueSequencer", "reports of items", reports),
    calls("QueueSequencer", "boards for the feed", seconds),
    written("QueueSequencer", "join", OBJECT_ROWS.lineJoin, shoppers, joinCommits),
    written("QueueSequencer", "claim", OBJECT_ROWS.lineClaim, entrants, claimBatches),
    written("QueueSequencer", "reports of items", OBJECT_ROWS.lineReport, entrants, reports),
    written("QueueSequencer", "ticks", OBJECT_ROWS.lineTick, 0, ticks),
    { who: "line", what: "join, claim, ticks", meter: "objectRowsRead", count: read },
  ];
}

/** Buying, paying, and what is written of it. */
function orderItems({ skus, units, intakes, orderReads }: Scenario, derived: Derived): Item[] {
  const { entrants, events, pages, paymentBatches, seconds } = derived;
  const bytes = (events * BYTES.event) / Math.max(1, pages);
  const pageChunks = Math.max(1, Math.ceil(bytes / QUEUE_CHUNK_BYTES));
  const messages = units * MESSAGES_PER_ORDER;
  const consumers: [string, number][] = [
    ["ledger pages", pages],
    ["payments", paymentBatches],
    ["messages", 2 * batchesOf(messages / 2, 1, seconds, PAGE_SECONDS)],
  ];
  return [
    ...(intakes > 0 ? [calls("SkuIntake", "purchase", entrants)] : []),
    calls(
      "Sku",
      "purchase",
      intakes > 0 ? batchesOf(entrants, intakes * skus, seconds, BATCH_SECONDS) : entrants,
    ),
    calls("Sku", "checkout", units),
    calls("Sku", "payments due, by alarm", paymentBatches),
    calls("Sku", "outcomes of payments", 2 * units),
    calls("Sku", "order read", (units * orderReads) / 2),
    calls("Sku", "pages acknowledged", pages),
    calls("ProviderBreaker", "asked and told", 2 * paymentBatches),
    written("Sku", "purchase", OBJECT_ROWS.purchase, units, units),
    written("Sku", "checkout", OBJECT_ROWS.checkout, units, 0),
    written("Sku", "payment due", OBJECT_ROWS.paymentDue, units, paymentBatches),
    written("Sku", "payment confirmed", OBJECT_ROWS.paymentConfirmed, units, 0),
    written("Sku", "payment captured", OBJECT_ROWS.paymentCaptured, units, 0),
    written(
      "Sku",
      "marks of the outbox",
      { each: 1, commit: 1 },
      pages,
      REPORTS_PER_SECOND * seconds * skus,
    ),
    { who: "Sku", what: "orders", meter: "objectRowsRead", count: units * OBJECT_ROWS_READ.order },
    operations("ledger", pages * pageChunks),
    operations("payments", units),
    operations("messages", messages),
    ...consumers.flatMap(([what, count]): Item[] => [
      { who: "consumers", what, meter: "workerRequests", count },
      { who: "consumers", what, meter: "cpuMs", count: count * CONSUMER_CPU_MS },
    ]),
    {
      who: "D1",
      what: "orders, events, messages",
      meter: "d1RowsWritten",
      count: units * D1_ROWS.byQueues.written,
    },
    {
      who: "D1",
      what: "orders, events, messages",
      meter: "d1RowsRead",
      count: units * D1_ROWS.byQueues.read,
    },
  ];
}

/** The board on its way to sockets. */
function liveItems(
  { arriveSeconds, regions }: Scenario,
  { seconds, shards, sockets }: Derived,
): Item[] {
  const alarms = (shards * seconds) / LIVE_WATCHDOG_SECONDS;
  const tokenSeconds = batchesOf(sockets, shards, arriveSeconds, 1);
  return [
    calls("LiveBoard", "sockets", sockets),
    calls("LiveBoard", "alarms", alarms),
    written("LiveBoard", "tokens of sockets", OBJECT_ROWS.liveToken, sockets, tokenSeconds),
    written("LiveBoard", "alarms", { each: 1, commit: 0 }, alarms, 0),
    calls("LiveRoot", "parked calls of shards", shards * seconds * BOARDS_PER_SECOND),
    calls("QueueSequencer", "parked calls of roots", regions * seconds * BOARDS_PER_SECOND),
  ];
}

/** Objects that are awake for as long as the sale runs. */
function durationItems(
  { lanes, skus, intakes, regions }: Scenario,
  { seconds, shards }: Derived,
): Item[] {
  const awake: [string, number][] = [
    ["QueueLane", lanes],
    ["QueueSequencer", 1],
    ["Sku", skus],
    ["SkuIntake", intakes * skus],
    ["LiveRoot", regions],
    ["LiveBoard", shards],
    ["ProviderBreaker", 1],
  ];
  return awake.map(([who, objects]) => ({
    who,
    what: "awake",
    meter: "objectGbSeconds",
    count: objects * seconds * OBJECT_GB,
  }));
}

/** A month of what stays, and the full tiles of the log. */
function storageItems({ shoppers, units }: Scenario, { entrants }: Derived): Item[] {
  const gb = (bytes: number): number => bytes / 1e9;
  const line = shoppers * (BYTES.lineTicket + BYTES.laneTicket);
  const entries = shoppers + entrants * LOG_ENTRIES_PER_ENTRANT;
  return [
    { who: "line", what: "a month", meter: "objectGbMonths", count: gb(line) },
    { who: "Sku", what: "a month", meter: "objectGbMonths", count: gb(units * BYTES.hold) },
    { who: "D1", what: "a month", meter: "d1GbMonths", count: gb(units * BYTES.d1Order) },
    { who: "R2", what: "tiles of the log", meter: "r2Writes", count: (2 * entries) / TILE_ENTRIES },
  ];
}

function calls(who: string, what: string, count: number): Item {
  return { who, what, meter: "objectRequests", count };
}

function written(
  who: string,
  what: string,
  { each, commit }: Rows,
  count: number,
  commits: number,
): Item {
  return { who, what, meter: "objectRowsWritten", count: each * count + commit * commits };
}

function operations(what: string, messages: number): Item {
  return { who: "queues", what, meter: "queueOperations", count: messages * OPERATIONS_PER_CHUNK };
}
