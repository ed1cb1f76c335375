import { createHash } from "node:crypto";

/** A row of an item's ledger as it is stored. */
export interface LedgerRow {
  sequence: number;
  event: string;
  hash: string;
}

/** What one event says, read without the product's own types: a second bookkeeper's view. */
interface Entry {
  sequence: number;
  atMs: number;
  type: string;
  quantity: number;
  level: Counters;
  order: EnteredOrder | null;
}

/** What a row told, and what is wrong with it. */
interface Entered extends Pick<Entry, "type" | "atMs" | "order"> {
  fault: string | null;
}

/** What an event says of its order. */
export interface EnteredOrder {
  orderId: string;
  status: string;
  version: number;
  paymentAttempts: number;
  number: number;
}

export interface Counters {
  stock: number;
  available: number;
  held: number;
  sold: number;
}

type Move = "hold" | "sell" | "free" | "return" | null;

/** Where money may move behind an order. */
const ANY = ["RESERVED", "PAYMENT_FAILED", "CANCELLED", "CONFIRMED", "REFUNDED"];
const UNSOLD = ANY.filter((status) => status !== "CONFIRMED");

/** From which status each kind of event may come, to which it leads, and what it moves; to `null`: it stays. */
const RULES: Readonly<Record<string, { from: (string | null)[]; to: string | null; moves: Move }>> =
  {
    reserved: { from: [null], to: "RESERVED", moves: "hold" },
    offered: { from: [null], to: "RESERVED", moves: "hold" },
    payment_pending: { from: ["RESERVED"], to: "PAYMENT_PENDING", moves: null },
    payment_declined: { from: ["PAYMENT_PENDING"], to: "RESERVED", moves: null },
    confirmed: { from: ["PAYMENT_PENDING"], to: "CONFIRMED", moves: "sell" },
    payment_failed: { from: ["RESERVED", "PAYMENT_PENDING"], to: "PAYMENT_FAILED", moves: "free" },
    expired: { from: ["RESERVED"], to: "EXPIRED", moves: "free" },
    cancelled: { from: ["RESERVED"], to: "CANCELLED", moves: "free" },
    action_required: { from: ["PAYMENT_PENDING"], to: null, moves: null },
    cash_confirmed: { from: ["RESERVED"], to: "CONFIRMED", moves: "sell" },
    captured: { from: ["CONFIRMED"], to: null, moves: null },
    voiding: { from: ANY, to: null, moves: null },
    voided: { from: UNSOLD, to: null, moves: null },
    refunding: { from: ANY, to: null, moves: null },
    refunded: { from: ["CONFIRMED"], to: "REFUNDED", moves: "return" },
    paid_back: { from: UNSOLD, to: null, moves: null },
    called_off: { from: ["CONFIRMED"], to: "CANCELLED", moves: "return" },
    attention: { from: [...ANY, "PAYMENT_PENDING"], to: null, moves: null },
    retried: { from: ANY, to: null, moves: null },
    resolved: { from: [...ANY, "PAYMENT_PENDING"], to: null, moves: null },
  };

/** What is written down and moves nothing. */
const NOTES: ReadonlySet<string> = new Set(["refused", "list_joined", "list_left"]);

/**
 * Keeps an item's books a second time, from what each event says happened and not from the counters
 * it carries: the chain, the counters, the way of every order.
 */
export class LedgerBook {
  sequence = 0;
  headHash = "0".repeat(64);
  readonly level: Counters = { stock: 0, available: 0, held: 0, sold: 0 };
  readonly orders = new Map<string, { status: string; version: number }>();

  /** Enters the next row: what it tells, and what is wrong with it. */
  enter(row: LedgerRow): Entered {
    const entry = JSON.parse(row.event) as Entry;
    this.headHash = createHash("sha256").update(`${this.headHash}\n${row.event}`).digest("hex");
    this.sequence += 1;
    const fault =
      (row.sequence !== this.sequence || entry.sequence !== this.sequence
        ? `row ${row.sequence} stands where ${this.sequence} is due`
        : null) ??
      (row.hash === this.headHash
        ? null
        : `row ${row.sequence} does not follow from the one before`) ??
      this.#move(entry) ??
      this.#compare(entry);
    return { type: entry.type, atMs: entry.atMs, order: entry.order, fault };
  }

  #move({ type, quantity, order, sequence }: Entry): string | null {
    const { level } = this;
    if (type === "created" || type === "restocked") {
      level.stock += quantity;
      level.available += quantity;
      return null;
    }
    if (NOTES.has(type)) return null;
    const rule = RULES[type];
    if (!rule || !order) return `row ${sequence} is of the unknown kind ${type}`;
    const { orderId, status, version } = order;
    const before = this.orders.get(orderId);
    this.orders.set(orderId, { status, version });
    if (!rule.from.includes(before?.status ?? null) || status !== (rule.to ?? before?.status))
      return `${orderId} went from ${before?.status ?? "nothing"} to ${status} by ${type}`;
    if (version !== (before?.version ?? 0) + 1)
      return `${orderId} went from version ${before?.version ?? 0} to ${version}`;
    if (rule.moves === "hold") level.available -= quantity;
    if (rule.moves === "free" || rule.moves === "return") level.available += quantity;
    if (rule.moves === "hold") level.held += quantity;
    if (rule.moves === "sell" || rule.moves === "free") level.held -= quantity;
    if (rule.moves === "sell") level.sold += quantity;
    if (rule.moves === "return") level.sold -= quantity;
    return null;
  }

  #compare({ sequence, level: said }: Entry): string | null {
    const { stock, available, held, sold } = this.level;
    const agrees =
      said.stock === stock &&
      said.available === available &&
      said.held === held &&
      said.sold === sold;
    return agrees
      ? null
      : `row ${sequence} says ${JSON.stringify(said)} where the books say ${JSON.stringify(this.level)}`;
  }
}
