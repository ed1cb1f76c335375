/**
 * The parts of the HTTP contract that the drivers read. The guards look at what a driver cannot go
 * on without and at nothing else: one that validated every field of every poll would measure
 * itself. Whether answers are true is for the checks.
 */

/** Minor units with an ISO 4217 code. */
export interface Money {
  amount: number;
  currency: string;
}

/** Where a shopper stands in the line. */
export type QueueState =
  | "early"
  | "waiting"
  | "admitted"
  | "lapsed"
  | "expired"
  | "left"
  | "closed";

/** Answer of join, poll and claim. `ahead` and `number` are null while no place is given. */
export interface QueueView {
  state: QueueState;
  reason: "sold_out" | "ended" | "revoked" | "rejected" | null;
  number: number | null;
  ahead: number | null;
  pollAfterMs: number;
  nowServing: number | null;
  ticket?: string;
  pass?: string;
  passExpiresAt?: string;
  /** With the answer to a join: proof of it. */
  receipt?: Receipt;
}

/** An entry of the sale's public log, where it stands, and a signed head that covers it. */
export interface Receipt {
  leaf: string;
  index: number;
  checkpoint: string;
}

/** Whether the cursor has reached this place, so that the next look is the claim. */
export function isInvited(view: QueueView): boolean {
  return view.number !== null && view.nowServing !== null && view.nowServing >= view.number;
}

/** What a socket brings when the line changes, the same for everyone; a lower version is older. */
export interface LiveBoard {
  type: "board";
  version: number;
  state: string;
  /** The line stands though the sale runs. */
  isHeld: boolean;
  queue: { nowServing: number; message: string | null };
  /** Numbers whose place was taken back. */
  revoked: readonly number[];
  /** `offered`: numbers that have an open offer from the item's waiting list, the newest of them. */
  items?: readonly { sku: string; available?: number; offered?: readonly number[] }[];
}

/** A place on the waiting list of an item. */
export interface ListView {
  /** 1 is next; null unless waiting. */
  position: number | null;
  state: "waiting" | "offered" | "lapsed";
  quantity: number;
  /** The order that the offer is. */
  orderId?: string;
  pollAfterMs: number;
}

/** States of an order; `SHIPPED` and `DELIVERED` follow `CONFIRMED`. */
export type OrderStatus =
  | "RESERVED"
  | "PAYMENT_PENDING"
  | "CONFIRMED"
  | "SHIPPED"
  | "DELIVERED"
  | "EXPIRED"
  | "PAYMENT_FAILED"
  | "CANCELLED"
  | "REFUNDED";

/** An order as its shopper or the admin list sees it. `version` only grows. */
export interface Order {
  orderId: string;
  saleId: string;
  sku: string;
  quantity: number;
  total: Money;
  status: OrderStatus;
  version: number;
  createdAt: string;
  payment?: { status: string; attempts: number; lastError?: string | null };
  /** Where the shopper has to act before the payment goes on. */
  nextAction?: { type: string; url: string };
  /** `card` or `cod`; the admin list alone has it. */
  paymentMethod?: string;
  /** Why the payment needs a person; the admin list alone has it. */
  attention?: string;
}

/** One attempt to pay for an order, as the sandbox has it on its own books. */
export interface SandboxPayment {
  orderId: string;
  attempt: number;
  state: string;
  amount: Money;
  /** What was done: `charge`, `capture`, `void`, `refund`. */
  bookings: { kind: string; at: string; amount: Money }[];
}

/** The 202 of a purchase. */
export interface HoldAnswer {
  orderId: string;
  status: OrderStatus;
  expiresAt: string;
  total: Money;
}

/** One row of a SKU's ledger; the counters are those after the row. */
export interface LedgerRow {
  sequence: number;
  at: string;
  type: string;
  orderId?: string | null;
  quantity: number;
  available: number;
  held: number;
  sold: number;
}

/** What one SKU object counted since it woke. */
export interface SkuCounters {
  sku: string;
  calls?: Record<string, number>;
  commits?: number;
  commands?: number;
  refusals?: Record<string, number> | number;
  /** How long events took from when they happened to the tables. */
  projection?: { events: number; p50Ms: number; p99Ms: number; maxMs: number };
}

/** The admin summary of a sale. Everything beyond `sold` may be missing. */
export interface SaleSummary {
  sold?: number;
  revenue?: Money;
  orders?: { byStatus?: Partial<Record<OrderStatus, number>> };
  shoppers?: number;
  oversold?: number;
  soldOutAt?: string | null;
  /** What became of those who waited, by item. */
  waitlist?: {
    sku: string;
    waiting: number;
    offered: number;
    bought: number;
    lapsed: number;
    left: number;
  }[];
  objects?: {
    skus?: SkuCounters[];
    sequencer?: { calls?: Record<string, number> | number; peakInside?: number };
    lanes?: { calls?: Record<string, number> | number };
    intakes?: { calls?: Record<string, number> };
  };
}

/** The stable part of an RFC 9457 problem. */
export interface Problem {
  code?: string;
  detail?: string;
  /** Of `sold_out`: the item's waiting list takes people. */
  waitlist?: boolean;
}

/** Answer of a list: its rows, and where the next page begins. */
export interface LedgerPage {
  rows: LedgerRow[];
  cursor?: string | number | null;
}

/** The same for orders. */
export interface OrderPage {
  orders: Order[];
  cursor?: string | number | null;
}

/** The same for the sandbox's books. */
export interface SandboxPage {
  payments: SandboxPayment[];
  cursor?: string | number | null;
}

/** A check that a parsed body has what is read from it. */
export type Guard<T extends object> = (body: object) => body is T;

/** The 201 of a guest token. */
export function isGuestToken(body: object): body is { accessToken: string } {
  return "accessToken" in body && typeof body.accessToken === "string";
}

/** The queue view, from join, poll or claim. */
export function isQueueView(body: object): body is QueueView {
  return (
    "state" in body &&
    typeof body.state === "string" &&
    "number" in body &&
    "ahead" in body &&
    "pollAfterMs" in body &&
    typeof body.pollAfterMs === "number"
  );
}

/** A place on a waiting list. */
export function isListView(body: object): body is ListView {
  return (
    "state" in body &&
    typeof body.state === "string" &&
    "position" in body &&
    "pollAfterMs" in body &&
    typeof body.pollAfterMs === "number"
  );
}

/** Where to open a socket, once. */
export function isLiveAddress(body: object): body is { url: string } {
  return "url" in body && typeof body.url === "string";
}

/** A message of a socket, of the one kind there is. */
export function isLiveBoard(body: object): body is LiveBoard {
  return (
    "type" in body &&
    body.type === "board" &&
    "version" in body &&
    "state" in body &&
    "queue" in body &&
    "revoked" in body
  );
}

/** The 202 of a purchase. */
export function isHoldAnswer(body: object): body is HoldAnswer {
  return hasOrder(body) && "total" in body && "expiresAt" in body;
}

/** The 202 of a checkout. */
export function isCheckoutAnswer(body: object): body is Pick<Order, "orderId" | "status"> {
  return hasOrder(body);
}

/** One order. */
export function isOrder(body: object): body is Order {
  return hasOrder(body) && "version" in body && typeof body.version === "number";
}

/** One sale, public or admin. */
export function isSale(body: object): body is { saleId: string; state: string } {
  return "saleId" in body && "state" in body && typeof body.state === "string";
}

/** The public figures of a sale. */
export function isFigures(body: object): body is Pick<LiveBoard, "state" | "items"> {
  return isSale(body) && "items" in body && Array.isArray(body.items);
}

/** A page of the ledger. */
export function isLedgerPage(body: object): body is LedgerPage {
  return "rows" in body && Array.isArray(body.rows);
}

/** A page of the admin's orders. */
export function isOrderPage(body: object): body is OrderPage {
  return "orders" in body && Array.isArray(body.orders);
}

/** A page of the sandbox's books. */
export function isSandboxPage(body: object): body is SandboxPage {
  return "payments" in body && Array.isArray(body.payments);
}

/** Every field of a summary may be missing. */
export function isSummary(body: object): body is SaleSummary {
  return !Array.isArray(body);
}

/** The body when it is a JSON object that the guard accepts; else null. */
export function parseBody<T extends object>(text: string, guard: Guard<T>): T | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && guard(body) ? body : null;
  } catch {
    return null;
  }
}

/** Every field of a problem may be missing, so that any object will do. */
export function isProblem(body: object): body is Problem {
  return !Array.isArray(body);
}

function hasOrder(body: object): boolean {
  return "orderId" in body && typeof body.orderId === "string" && "status" in body;
}
