import { refuse, type Refusal } from "../problem.ts";
import type { Hold, HoldChange, OrderStatus } from "./hold.ts";
import type { SaleControl } from "./sale.ts";
import type { ShopperUnits } from "./shopper-units.ts";
import {
  cancel,
  hasRoomToWait,
  holdUnits,
  isOwed,
  lapse,
  refusalOfLimits,
  refusalOfSale,
  type Item,
  type ReserveCommand,
} from "./stock.ts";

/*
 * The waiting list of an item. Units that come free are offered, in the transaction that frees them, to
 * the first in order whose whole quantity is there. An offer is a hold like any other, and whatever
 * happens to it happens by the rules of holds.
 */

/**
 * Open offers of one item that everyone is told of, newest first: a few hundred bytes. Whoever is beyond them
 * hears of an offer by polling.
 */
export const OFFERS_SHOWN_MAX = 50;

/** `offered`: what became of it is said by its hold. `lapsed`: let go without an offer. */
export type EntryState = "waiting" | "offered" | "lapsed" | "left";

/** One shopper on the list of one item, as stored. */
export interface WaitlistEntry {
  shopper: string;
  /** The place in line, which gives the order here. */
  number: number;
  quantity: number;
  /** Offers that the shopper has let go: who comes back stands behind those who have had none. */
  lapses: number;
  state: EntryState;
  /** The order that the offer will be: sealed beforehand, since the object has no key. */
  orderId: string;
  /** What stands for the network; only where units are counted by network. */
  address?: string;
  /** Where the shopper joined, in a trace: the offer is part of it. */
  traceparent?: string;
  joinedAtMs: number;
}

export type WaitlistCommand = Pick<
  ReserveCommand,
  "orderId" | "shopper" | "number" | "quantity" | "address" | "from"
>;

/** How a shopper stands on the list. */
export type PlaceState = "waiting" | "offered" | "lapsed";

/** Statuses of an offer that came to nothing: somebody else has its units. */
const LET_GO: ReadonlySet<OrderStatus> = new Set(["EXPIRED", "PAYMENT_FAILED", "CANCELLED"]);
/** Statuses of an offer that is still to be decided. */
const OPEN: ReadonlySet<OrderStatus> = new Set(["RESERVED", "PAYMENT_PENDING"]);

/** An entry to be written, or the one that there is; `first`: it is a new one. */
export interface Joined {
  ok: true;
  entry: WaitlistEntry;
  isNew: boolean;
}

/**
 * Puts a shopper on the list; who waits keeps the place and may take another quantity, who has an open
 * offer keeps it.
 *
 * @param offer the hold of the earlier entry's offer, as time has left it.
 */
export function joinWaitlist(
  item: Item,
  earlier: WaitlistEntry | null,
  offer: Hold | null,
  units: ShopperUnits,
  ofAddress: ShopperUnits,
  command: WaitlistCommand,
  nowMs: number,
): Joined | Refusal {
  const { control, level } = item;
  if (control.revoked?.includes(command.number) === true) return refuse("ticket_invalid");
  const closed = refusalOfSale(control, nowMs);
  if (closed && closed.code !== "sale_paused") return closed;
  const isOpen = earlier?.state === "offered" && offer !== null && OPEN.has(offer.status);
  const waits = earlier?.state === "waiting";
  if (isOpen || (waits && earlier.quantity === command.quantity))
    return { ok: true, entry: earlier, isNew: false };
  const overLimit = refusalOfLimits(item, command, units, ofAddress);
  if (overLimit) return overLimit;
  if (waits) return { ok: true, entry: { ...earlier, quantity: command.quantity }, isNew: false };
  if (command.quantity <= level.available && !isOwed(item))
    return refuse("order_state_conflict", {
      detail: "Units are available: they are bought in line, nobody has to wait for them here.",
    });
  if (!hasRoomToWait(item)) return refuse("sold_out", { waitlist: false });
  const lapses = (earlier?.lapses ?? 0) + (earlier && wasLetGo(earlier, offer) ? 1 : 0);
  const { from, ...wanted } = command;
  const entry: WaitlistEntry = {
    ...wanted,
    lapses,
    state: "waiting",
    ...(from?.traceparent === undefined ? {} : { traceparent: from.traceparent }),
    joinedAtMs: nowMs,
  };
  return { ok: true, entry, isNew: true };
}

/** Whether units may be offered now: while the sale takes holds. */
export function mayOffer({ control }: Pick<Item, "control">, nowMs: number): boolean {
  return refusalOfSale(control, nowMs) === null;
}

/**
 * When units that are owed to who waits have to be offered: now, or at a start that was moved on; `null` when
 * nothing is owed, and while nobody knows when the sale takes holds again.
 */
export function offersAgainAtMs(item: Item, nowMs: number): number | null {
  if (!isOwed(item)) return null;
  const { mode, startsAtMs } = item.control;
  if (mayOffer(item, nowMs)) return nowMs;
  return mode === "open" && nowMs < startsAtMs ? startsAtMs : null;
}

/**
 * Offers one who waits their whole quantity, as a hold; `null` when it is not there. Who may not have it
 * any more is let go: `change` is `null`.
 */
export function offerTo(
  item: Item,
  entry: WaitlistEntry,
  units: ShopperUnits,
  ofAddress: ShopperUnits,
  nowMs: number,
): { entry: WaitlistEntry; change: HoldChange | null } | null {
  if (entry.quantity > item.level.available) return null;
  const isRevoked = item.control.revoked?.includes(entry.number) === true;
  if (isRevoked || refusalOfLimits(item, entry, units, ofAddress))
    return { entry: { ...entry, state: "lapsed" }, change: null };
  // One offer an entry: its order id is the key, and no purchase has an empty body.
  const from = entry.traceparent === undefined ? {} : { traceparent: entry.traceparent };
  const command = { ...entry, idempotencyKey: entry.orderId, bodyHash: "", from };
  const change = holdUnits(item, "offered", command, nowMs);
  return { entry: { ...entry, state: "offered" }, change };
}

/** What leaving comes to: an entry or a change of the offer's hold to be written, or nothing. */
export interface Leaving {
  ok: true;
  entry: WaitlistEntry | null;
  change: HoldChange | null;
}

/** Takes a shopper off the list; an open offer is declined. A payment that is under way is waited for. */
export function leaveWaitlist(
  item: Item,
  entry: WaitlistEntry | null,
  offer: Hold | null,
  nowMs: number,
): Leaving | Refusal {
  if (entry?.state === "waiting")
    return { ok: true, entry: { ...entry, state: "left" }, change: null };
  if (entry?.state !== "offered" || !offer || !OPEN.has(offer.status))
    return { ok: true, entry: null, change: null };
  const decision = cancel(offer, item.level, nowMs);
  if (!decision.ok) return decision;
  return { ok: true, entry: null, change: decision.repeat ? null : decision.change };
}

/** How an entry stands now, and its offer as time has left it; `null` for who has left. */
export function standing(
  { control, level }: Pick<Item, "control" | "level">,
  entry: WaitlistEntry,
  stored: Hold | null,
  nowMs: number,
): { state: PlaceState; offer: Hold | null } | null {
  const offer = stored && (lapse(stored, level, nowMs)?.hold ?? stored);
  switch (entry.state) {
    case "left":
      return null;
    case "lapsed":
      return { state: "lapsed", offer };
    case "waiting":
      return { state: isOver(control, nowMs) ? "lapsed" : "waiting", offer };
    case "offered":
      return { state: wasLetGo(entry, offer) ? "lapsed" : "offered", offer };
  }
}

/** When an offer runs out; `null` once it is decided. */
export function offerExpiresAtMs(offer: Hold | null): number | null {
  return offer && OPEN.has(offer.status) ? offer.expiresAtMs : null;
}

function wasLetGo({ state }: WaitlistEntry, offer: Hold | null): boolean {
  return state === "lapsed" || (offer !== null && LET_GO.has(offer.status));
}

function isOver(control: SaleControl, nowMs: number): boolean {
  return refusalOfSale(control, nowMs)?.code === "sale_ended";
}
