import type { Money, OrderStatus, QueueState, QueueView, Receipt } from "./contract.ts";

/** How a shopper's visit ended; `visiting` until it has. */
export type VisitEnd =
  /** An order of theirs is confirmed. */
  | "bought"
  /** The payment failed, with the last card that was tried; the unit went back. */
  | "declined"
  /** The hold ran out before it was paid. */
  | "hold_expired"
  /** The hold, or a payment under way, was left behind on purpose, whatever becomes of it. */
  | "walked_away"
  /** Got a place and never looked again, on purpose: a closed tab, a bot without memory. */
  | "gone"
  /** Was let in, stayed a while and left without buying, on purpose. */
  | "browsed"
  /** Refused what the waiting list offered, so that it went on to the next. */
  | "offer_declined"
  /** Looked too late at what the waiting list offered. */
  | "offer_lapsed"
  /** Told that everything is sold. */
  | "sold_out"
  /** Told that the sale is over, or the place revoked or rejected. */
  | "closed"
  /** Lapsed or expired more often than a patient shopper comes back. */
  | "lost_turn"
  /** The run's time was over first. */
  | "time_over"
  /** A call never got a final answer. */
  | "gave_up"
  /** An answer was not what the contract allows. */
  | "failed"
  | "visiting";

/** A place in line as the shopper was told it. A shopper whose turn lapsed may get a second one. */
export interface PlaceTold {
  /** Null while none is given (early entry) or when the sale was already over. */
  number: number | null;
  ticket: string | null;
  /** Whether the answer to the join had the number; else it was given, or drawn, later. */
  numberedAtJoin: boolean;
  /** The gateway's stamp of the join; null while there is no ticket. */
  arrivedAtMs: number | null;
  firstSentAtMs: number;
  answeredAtMs: number;
  /** State in the answer to the join. */
  stateAtJoin: QueueState;
  /** Proof of the join; null where none came, and `"not kept"` for all but a sample of the crowd. */
  receipt: Receipt | "not kept" | null;
  /** Smallest `ahead` told so far, by answers or boards; neither may ever grow. */
  leastAhead: number | null;
  /** Answers and boards that said wait: not invited, or invited and not yet granted. */
  waitingAnswers: number;
  /** When the first claim that reached the line was answered: from then on it knew that this shopper asks. */
  askKnownAtMs: number | null;
  /** The line's stamp of the grant, from the pass. */
  grantedAtMs: number | null;
  /** When the first answer with a pass was in hand. */
  passAtMs: number | null;
  passExpiresAtMs: number | null;
  /** Just before the first purchase, or the departure, was sent: until then the shopper was certainly inside. */
  purchaseSentAtMs: number | null;
}

/** A hold as it was acknowledged: the 202, byte for byte; or what the waiting list offered. */
export interface HoldTold {
  orderId: string;
  /** Null for an offer, which nobody asked for by a key. */
  key: string | null;
  quantity: number;
  total: Money;
  body: string;
  answeredAtMs: number;
}

/** One change of an order as its shopper saw it; `version` is null where the answer has none. */
export interface OrderSeen {
  orderId: string;
  status: OrderStatus;
  version: number | null;
  atMs: number;
}

/** Two answers to the same call with the same key. */
export interface Repeat {
  call: "purchase" | "checkout";
  first: { status: number; text: string };
  again: { status: number; text: string };
}

/** How one shopper waited on the item's list. */
export interface ListTold {
  /** The place in line, which gives the order here, too. */
  number: number;
  /** When the answer to the join was in hand: from then on the list certainly had them. */
  joinedAtMs: number;
  /** The order that was offered; null while none was. */
  orderId: string | null;
  /** Just before the departure was sent. */
  leftAtMs: number | null;
}

/** How the socket of one shopper fared. */
export interface SocketTold {
  /** Sockets that brought a board. */
  opened: number;
  /** Addresses that were refused, and sockets that closed before they brought anything. */
  refused: number;
  /** Sockets that had brought something and closed while they were wanted. */
  lost: number;
  /** Boards that were news to this shopper. */
  boards: number;
  /** Claims that were answered by a board older than the one heard, without the line being asked. */
  claimsTooSoon: number;
}

/** Everything one shopper was told, for the checks to compare with what the system kept. */
export interface ShopperRecord {
  index: number;
  places: PlaceTold[];
  holds: HoldTold[];
  orders: OrderSeen[];
  repeats: Repeat[];
  /** Sentences about answers that contradict earlier answers to the same shopper. */
  contradictions: string[];
  /** Refusals of purchases by code, to see what the losers were told. */
  refusals: Record<string, number>;
  /** A purchase was sent whose outcome this shopper never learned. */
  purchaseUnresolved: boolean;
  /** Null for who was never on the item's waiting list. */
  list: ListTold | null;
  /** Null for who waits by polls alone. */
  socket: SocketTold | null;
  /** When the first answer, or board, that said sold out was in hand. */
  soldOutToldAtMs: number | null;
  /** Gave the place up. */
  hasLeft: boolean;
  end: VisitEnd;
  /** Why, where the end needs a reason. */
  endDetail: string | null;
}

/** The record of a shopper who has not come yet. */
export function newShopperRecord(index: number): ShopperRecord {
  return {
    index,
    places: [],
    holds: [],
    orders: [],
    repeats: [],
    contradictions: [],
    refusals: {},
    purchaseUnresolved: false,
    list: null,
    socket: null,
    soldOutToldAtMs: null,
    hasLeft: false,
    end: "visiting",
    endDetail: null,
  };
}

/** One receipt in so many is kept: a crowd's receipts are some hundred bytes each. */
const RECEIPTS_EVERY = 10;

/** What is kept of the receipt in the answer to this shopper's join. */
export function receiptToKeep(index: number, { receipt }: QueueView): PlaceTold["receipt"] {
  return index % RECEIPTS_EVERY === 0 ? (receipt ?? null) : "not kept";
}

/** The last state of an order that this shopper saw; null when none was. */
export function lastSeen(record: ShopperRecord, orderId: string): OrderSeen | null {
  return record.orders.findLast((seen) => seen.orderId === orderId) ?? null;
}

/** The orders that this shopper was told of: holds, and what the waiting list offered. */
export function ordersTold({ holds, list }: ShopperRecord): string[] {
  const offered = list?.orderId ?? null;
  return [...holds.map(({ orderId }) => orderId), ...(offered === null ? [] : [offered])];
}
