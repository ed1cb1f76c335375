import type { DatabaseSync } from "node:sqlite";
import { ParsedText } from "../../durable-objects/parsed-text.ts";
import { addressOf, cardOf, homeOf } from "../sale/means.ts";
import { type Plan } from "../plan/plan.ts";
import type { SaleTimes } from "../sale/witness.ts";
import { LedgerBook, type Counters, type EnteredOrder, type LedgerRow } from "./ledger-book.ts";
import { ListInvariants } from "./list.ts";
import { rowOf, rowsOf } from "./tables.ts";

type Limits = Pick<Plan, "perShopper" | "perAddress" | "perCard" | "perPostalAddress">;

/** Hears of broken promises. */
export type Violate = (invariant: string, detail: string) => void;

interface ItemRow extends Counters {
  control: string;
  sequence: number;
  head_hash: string;
}

/** Where an item's checks report to, and whom they ask. */
export interface ItemReport {
  violate: Violate;
  cover: (name: string) => void;
  /** Whether an admin was told that this number's place was taken back. */
  isRevoked: (number: number) => boolean;
  /** Whether an admin was told that the sale is paused or ended. */
  isStopped: () => boolean;
  /** Start and end as an admin was told them; `null` while they may be others. */
  times: () => SaleTimes | null;
  /** What the provider's books say of an attempt. */
  booked: (idempotencyKey: string) => string | undefined;
  hasSteadyClock: boolean;
  /** The time that the object sees. */
  nowMs: () => number;
}

/** What the provider has to have booked by the time an event of this kind is written. */
const BOOKED: Readonly<Record<string, readonly string[]>> = {
  payment_declined: ["declined", "voided"],
  confirmed: ["authorised", "captured"],
  captured: ["captured", "refunded"],
  voided: ["voided", "declined"],
  refunding: ["captured", "refunded"],
  refunded: ["voided", "refunded"],
  paid_back: ["refunded"],
};

/** The promises of one item: what holds after every turn, and what holds of all that is durable. */
export class ItemInvariants {
  readonly book = new LedgerBook();
  readonly #database: DatabaseSync;
  readonly #limits: Limits;
  readonly #report: ItemReport;
  #controlVersion = 0;
  readonly #list: ListInvariants;
  readonly #controlText = new ParsedText<{ version: number }>();
  #byStatus: readonly object[] | null = null;

  constructor(database: DatabaseSync, limits: Limits, report: ItemReport) {
    this.#database = database;
    this.#limits = limits;
    this.#report = report;
    this.#list = new ListInvariants(database, report);
  }

  /** After every turn that wrote. */
  afterTurn(): void {
    const item = this.item();
    if (!item) return;
    const { stock, available, held, sold } = item;
    if (available < 0 || held < 0 || sold < 0 || available + held + sold !== stock)
      this.#report.violate("stock.balanced", JSON.stringify(item));
    const units = { RESERVED: 0, PAYMENT_PENDING: 0, CONFIRMED: 0 };
    const byStatus = this.#rows<{ status: string; units: number }>(
      "SELECT status, sum(quantity) AS units FROM hold GROUP BY status",
    );
    for (const { status, units: count } of byStatus)
      if (status in units) units[status as keyof typeof units] = count;
    if (held !== units.RESERVED + units.PAYMENT_PENDING || sold !== units.CONFIRMED)
      this.#report.violate(
        "stock.rows",
        `${JSON.stringify(item)} against ${JSON.stringify(units)}`,
      );
    // The very same rows: no hold was written.
    if (byStatus !== this.#byStatus) {
      this.#checkLimits();
      this.#checkMeans();
    }
    this.#byStatus = byStatus;
    this.#list.afterTurn(this.book.sequence);
  }

  /** What was written and never became durable is gone. */
  afterLoss(): void {
    this.#list.afterLoss();
  }

  /** No shopper and no network has more than the limit, by who has what. */
  #checkLimits(): void {
    const { perShopper, perAddress } = this.#limits;
    const byAddress = new Map<string, number>();
    for (const { shopper, units } of this.#rows<{ shopper: string; units: number }>(
      `SELECT shopper, sum(quantity) AS units FROM hold
       WHERE status IN ('RESERVED', 'PAYMENT_PENDING', 'CONFIRMED', 'REFUNDED') GROUP BY shopper`,
    )) {
      if (units > perShopper)
        this.#report.violate("stock.per_shopper", `${shopper} has ${units} of ${perShopper}`);
      const address = addressOf(shopper);
      byAddress.set(address, (byAddress.get(address) ?? 0) + units);
    }
    for (const [address, units] of byAddress)
      if (units > (perAddress ?? Infinity))
        this.#report.violate("stock.per_address", `${address} has ${units} of ${perAddress}`);
  }

  /** No card and no postal address pays for more than the limit, or has it sent there, by whose they are. */
  #checkMeans(): void {
    const { perCard, perPostalAddress } = this.#limits;
    if (perCard === null && perPostalAddress === null) return;
    const byCard = new Map<string, number>();
    const byHome = new Map<string, number>();
    for (const { shopper, method, units } of this.#rows<{
      shopper: string;
      method: string;
      units: number;
    }>(
      `SELECT shopper, body ->> '$.payment.method' AS method, sum(quantity) AS units FROM hold
       WHERE status IN ('PAYMENT_PENDING', 'CONFIRMED', 'REFUNDED') GROUP BY shopper, method`,
    )) {
      const [card, home] = [cardOf(shopper), homeOf(shopper)];
      if (method === "card") byCard.set(card, (byCard.get(card) ?? 0) + units);
      byHome.set(home, (byHome.get(home) ?? 0) + units);
    }
    for (const [card, units] of byCard)
      if (units > (perCard ?? Infinity))
        this.#report.violate("stock.per_card", `${card} pays for ${units} of ${perCard}`);
    for (const [home, units] of byHome)
      if (units > (perPostalAddress ?? Infinity))
        this.#report.violate("stock.per_home", `${home} gets ${units} of ${perPostalAddress}`);
  }

  /** After every durable commit: the books of all rows, each entered once. */
  afterCommit(): void {
    const rows = this.#rows<LedgerRow>(
      "SELECT sequence, event, hash FROM ledger WHERE sequence > ? ORDER BY sequence",
      this.book.sequence,
    );
    for (const row of rows) {
      const { type, order, atMs, fault } = this.book.enter(row);
      this.#report.cover(`ledger.${type}`);
      if (order) this.#checkPayment(type, order);
      const isTaken = type === "reserved" || type === "offered";
      if (isTaken && order && this.#report.isRevoked(order.number))
        this.#report.violate("place.revoked", `number ${order.number} bought after it was revoked`);
      if (isTaken && this.#report.isStopped())
        this.#report.violate("sale.stopped", "bought after an admin was told that nobody can");
      const times = this.#report.times();
      if (isTaken && times && (atMs < times.startsAtMs || atMs >= times.endsAtMs))
        this.#report.violate("sale.times", `bought at ${atMs}, not in ${JSON.stringify(times)}`);
      if (fault !== null) this.#report.violate("ledger.books", fault);
    }
    const item = this.item();
    if (!item) return;
    const { version } = this.#controlText.of(item.control);
    if (version < this.#controlVersion)
      this.#report.violate("control.newest", `version ${version} replaced ${this.#controlVersion}`);
    this.#controlVersion = version;
    const { sequence, headHash, level } = this.book;
    const { stock, available, held, sold } = item;
    const agrees =
      item.sequence === sequence &&
      item.head_hash === headHash &&
      level.stock === stock &&
      level.available === available &&
      level.held === held &&
      level.sold === sold;
    if (!agrees)
      this.#report.violate(
        "ledger.counters",
        `${JSON.stringify(item)} against ${JSON.stringify(level)}`,
      );
  }

  /** What an order says of its payment is what the provider did. */
  #checkPayment(type: string, { orderId, paymentAttempts }: EnteredOrder): void {
    const expected = BOOKED[type];
    if (!expected) return;
    const key = `${orderId}:${paymentAttempts}`;
    const booked = this.#report.booked(key) ?? "unknown";
    if (!expected.includes(booked))
      this.#report.violate("payment.true", `${type} of ${key}, which is ${booked} at the provider`);
  }

  item(): ItemRow | undefined {
    return rowOf<ItemRow>(
      this.#database,
      "SELECT control, stock, available, held, sold, sequence, head_hash FROM item",
    );
  }

  #rows<Row>(query: string, ...values: (string | number)[]): Row[] {
    return rowsOf<Row>(this.#database, query, ...values);
  }
}
