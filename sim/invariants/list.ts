import type { DatabaseSync } from "node:sqlite";
import type { SaleControl } from "../../domain/purchase/sale.ts";
import type { ItemReport } from "./item.ts";
import { rowOf, rowsOf } from "./tables.ts";

/** Somebody who waits, as the table has them. */
interface Waiting {
  shopper: string;
  number: number;
  quantity: number;
  lapses: number;
  order_id: string;
}

/** Units that somebody was given: in line, or by an offer. */
interface Given {
  sequence: number;
  type: "reserved" | "offered";
  orderId: string;
  quantity: number;
}

/**
 * The promises of an item's waiting list, after every turn that wrote: nobody who waits could be served
 * now, nobody was served before somebody who waited before and still does, and the counter counts.
 */
export class ListInvariants {
  readonly #database: DatabaseSync;
  readonly #report: ItemReport;
  /** Those who waited after the turn before, by order id. */
  #before = new Map<string, Waiting>();
  #seen = 0;

  constructor(database: DatabaseSync, report: ItemReport) {
    this.#database = database;
    this.#report = report;
  }

  afterTurn(durableSequence: number): void {
    const item = rowOf<{ control: string; available: number; waiting: number; sequence: number }>(
      this.#database,
      "SELECT control, available, waiting, sequence FROM item",
    );
    if (!item) return;
    const waiting = rowsOf<Waiting>(
      this.#database,
      `SELECT shopper, number, quantity, lapses, order_id FROM waitlist
       WHERE state = 'waiting' ORDER BY lapses, number`,
    );
    if (waiting.length !== item.waiting)
      this.#report.violate("list.count", `${item.waiting} where ${waiting.length} wait`);
    if (waiting.some(({ lapses }) => lapses > 0)) this.#report.cover("list.again");
    const fits = waiting.find(({ quantity }) => quantity <= item.available);
    if (fits && this.#takesHolds(JSON.parse(item.control) as SaleControl))
      this.#report.violate(
        "list.served",
        `${JSON.stringify(fits)} waits while ${item.available} are available`,
      );
    // What came after the last durable row may have been seen and lost.
    this.#seen = Math.max(Math.min(this.#seen, item.sequence), durableSequence);
    const stayed = waiting.filter(({ order_id: orderId, quantity }) => {
      return this.#before.get(orderId)?.quantity === quantity;
    });
    for (const given of this.#givenSince()) this.#checkOrder(given, stayed);
    this.#seen = item.sequence;
    this.#before = new Map(waiting.map((one) => [one.order_id, one]));
  }

  /** Who waited may not wait any more: they are not held against the next turn. */
  afterLoss(): void {
    this.#before.clear();
    this.#seen = 0;
  }

  /** Whoever waits for no more than was given has been overtaken, unless they stand behind. */
  #checkOrder({ type, orderId, quantity }: Given, stayed: readonly Waiting[]): void {
    const passed = stayed.filter((one) => one.quantity <= quantity);
    if (type === "reserved") {
      if (passed[0])
        this.#report.violate("list.overtaken", `${orderId} bought before ${passed[0].shopper}`);
      return;
    }
    if (stayed.length > passed.length) this.#report.cover("list.passed_by");
    const next = this.#before.get(orderId);
    const first = next && passed.find((one) => isBefore(one, next));
    if (first)
      this.#report.violate("list.order", `${JSON.stringify(next)} before ${JSON.stringify(first)}`);
  }

  #givenSince(): Given[] {
    return rowsOf<Given>(
      this.#database,
      `SELECT sequence, type, event ->> '$.order.orderId' AS orderId,
              event ->> '$.quantity' AS quantity
       FROM ledger WHERE sequence > ? AND type IN ('reserved', 'offered') ORDER BY sequence`,
      this.#seen,
    );
  }

  /** Where the clock jumps, the sale may have been closed a moment ago. */
  #takesHolds({ mode, startsAtMs, endsAtMs }: SaleControl): boolean {
    const nowMs = this.#report.nowMs();
    return (
      this.#report.hasSteadyClock && mode === "open" && nowMs >= startsAtMs && nowMs < endsAtMs
    );
  }
}

function isBefore(one: Waiting, other: Waiting): boolean {
  return one.lapses === other.lapses ? one.number < other.number : one.lapses < other.lapses;
}
