import { LANES_MAX } from "../../domain/limits.ts";
import { laneDelayMs } from "../../domain/queue/lane.ts";
import { LIVE_SHARDS, SHARD_SOCKETS_MAX } from "../../domain/queue/live-tree.ts";
import { intakeDelayMs } from "../../domain/purchase/intake.ts";
import { LIMITS, OBJECT_CALLS_PLANNED, type Limit } from "./limits.ts";
import { BOARD_READS_PER_SECOND, JOIN_BATCH_SECONDS, PAGE_MAX_EVENTS } from "./model.ts";
import { BYTES, EVENTS_PER_ORDER, MESSAGES_PER_ORDER } from "./rows.ts";

/** What comes at once, in the busiest second and in all. */
export interface Load {
  sockets: number;
  regions: number;
  joinsPerSecond: number;
  /** Looks at the line and at the sale. */
  readsPerSecond: number;
  /** Purchases of the item that is wanted most. */
  reservationsPerSecond: number;
  /** Orders over all items, that second and in all. */
  ordersPerSecond: number;
  orders: number;
  skus: number;
  lanes: number;
  intakes: number;
}

/** One thing that has a limit: how much of it there is, and what follows. */
export interface Need {
  what: string;
  value: number;
  limit: Limit;
  isMet: boolean;
  /** What to set, or what is missing. */
  advice: string;
}

/** Polls that one isolate serves a second, about; the gateway's CPU bounds it, not the platform. */
const ISOLATE_POLLS_PER_SECOND = 1_000;

/** Lanes of which each is called half as often as it may be, a power of two. */
export function lanesFor(joinsPerSecond: number): number {
  return powerOfTwo(joinsPerSecond / OBJECT_CALLS_PLANNED, 8);
}

/** Intakes before an item; none where it can be called directly. */
export function intakesFor(reservationsPerSecond: number): number {
  if (reservationsPerSecond <= OBJECT_CALLS_PLANNED) return 0;
  return powerOfTwo(reservationsPerSecond / OBJECT_CALLS_PLANNED, 2);
}

/** Everything of a load that comes near a limit. */
export function needsOf(load: Load): Need[] {
  return [...callsOf(load), ...queuesOf(load), ...storageOf(load)];
}

function callsOf(load: Load): Need[] {
  const { intakes, joinsPerSecond, lanes, readsPerSecond, reservationsPerSecond } = load;
  const { objectCalls } = LIMITS;
  const batchSeconds = Math.max(JOIN_BATCH_SECONDS, laneDelayMs(lanes) / 1000);
  const wantedIntakes = intakesFor(reservationsPerSecond);
  const ofIntakes =
    intakes * Math.min(reservationsPerSecond / Math.max(1, intakes), 1000 / intakeDelayMs(intakes));
  const boardReads = (readsPerSecond / ISOLATE_POLLS_PER_SECOND) * BOARD_READS_PER_SECOND;
  return [
    need(
      "board reads at the sequencer, without the cache",
      boardReads,
      objectCalls,
      "a waiting poll calls no object: an isolate reads the board twice a second",
    ),
    need(
      "joins at one lane",
      joinsPerSecond / lanes,
      objectCalls,
      `lanes: ${Math.min(LANES_MAX, lanesFor(joinsPerSecond))} for half of the limit`,
    ),
    need(
      "batches of lanes at the sequencer",
      Math.min(joinsPerSecond, lanes / batchSeconds),
      objectCalls,
      "a lane waits 2 ms a lane, so that it never hears more than 500",
    ),
    ...(intakes > 0
      ? [
          need(
            "purchases at one intake",
            reservationsPerSecond / intakes,
            objectCalls,
            `intakes: ${wantedIntakes} for half of the limit`,
          ),
          need(
            "batches of intakes at one item",
            ofIntakes,
            objectCalls,
            "an intake waits 2 ms an intake",
          ),
        ]
      : [
          need(
            "purchases at one item",
            reservationsPerSecond,
            objectCalls,
            wantedIntakes === 0 ? "no intakes needed" : `intakes: ${wantedIntakes}`,
          ),
        ]),
    need(
      "sockets at one LiveBoard",
      load.sockets / (load.regions * LIVE_SHARDS),
      { ...LIMITS.sockets, max: SHARD_SOCKETS_MAX },
      "our own bound, a quarter of the platform's; who finds no room polls",
    ),
  ];
}

function queuesOf({ ordersPerSecond }: Load): Need[] {
  const { queueMessages } = LIMITS;
  const pages = (ordersPerSecond * EVENTS_PER_ORDER) / PAGE_MAX_EVENTS;
  const perQueue = ordersPerSecond * (MESSAGES_PER_ORDER / 2);
  const wait =
    "what is too much is sent again by the item's alarm: payments take longer. For more, a second queue";
  return [
    need("ledger pages", pages, queueMessages, "pages of up to 100 events"),
    need("payments due", ordersPerSecond, queueMessages, wait),
    need(
      "messages to shoppers, of one priority",
      perQueue,
      queueMessages,
      "what no queue takes stays due: the minute's sweep sends it",
    ),
  ];
}

function storageOf({ orders, skus }: Load): Need[] {
  const gb = (bytes: number): number => bytes / 1e9;
  return [
    need(
      "an item's holds and ledger, GB",
      gb((orders / skus) * BYTES.hold),
      LIMITS.objectGb,
      "the orders of one sale over more items",
    ),
    need(
      "the tables, GB",
      gb(orders * BYTES.d1Order),
      LIMITS.d1Gb,
      "nothing is archived: a database of its own for a sale as large as that",
    ),
  ];
}

function need(what: string, value: number, limit: Limit, advice: string): Need {
  return { what, value, limit, isMet: value <= limit.max, advice };
}

function powerOfTwo(value: number, least: number): number {
  return Math.max(least, 2 ** Math.ceil(Math.log2(Math.max(1, value))));
}
