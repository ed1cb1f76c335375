import type { DatabaseSync } from "node:sqlite";
import { LedgerBook, type Counters, type LedgerRow } from "./ledger-book.ts";
import { rowOf, rowsOf } from "./tables.ts";

/** Hears of broken promises. */
export type Violate = (invariant: string, detail: string) => void;

interface ItemRow extends Counters {
  sequence: number;
  head_hash: string;
}

/** The promises of one item: what holds after every turn, and what holds of all that is durable. */
export class ItemInvariants {
  readonly book = new LedgerBook();
  readonly #database: DatabaseSync;
  readonly #perShopper: number;
  readonly #violate: Violate;
  readonly #cover: (name: string) => void;

  constructor(
    database: DatabaseSync,
    perShopper: number,
    report: { violate: Violate; cover: (name: string) => void },
  ) {
    this.#database = database;
    this.#perShopper = perShopper;
    this.#violate = report.violate;
    this.#cover = report.cover;
  }

  /** After every turn that wrote. */
  afterTurn(): void {
    const item = this.item();
    if (!item) return;
    const { stock, available, held, sold } = item;
    if (available < 0 || held < 0 || sold < 0 || available + held + sold !== stock)
      this.#violate("stock.balanced", JSON.stringify(item));
    const units = { RESERVED: 0, PAYMENT_PENDING: 0, CONFIRMED: 0 };
    for (const { status, units: count } of this.#rows<{ status: string; units: number }>(
      "SELECT status, sum(quantity) AS units FROM hold GROUP BY status",
    ))
      if (status in units) units[status as keyof typeof units] = count;
    if (held !== units.RESERVED + units.PAYMENT_PENDING || sold !== units.CONFIRMED)
      this.#violate("stock.rows", `${JSON.stringify(item)} against ${JSON.stringify(units)}`);
    const [over] = this.#rows<{ shopper: string; units: number }>(
      `SELECT shopper, sum(quantity) AS units FROM hold
       WHERE status IN ('RESERVED', 'PAYMENT_PENDING', 'CONFIRMED')
       GROUP BY shopper HAVING sum(quantity) > ?`,
      this.#perShopper,
    );
    if (over)
      this.#violate(
        "stock.per_shopper",
        `${over.shopper} has ${over.units} of ${this.#perShopper}`,
      );
  }

  /** After every durable commit: the books of all rows, each entered once. */
  afterCommit(): void {
    const rows = this.#rows<LedgerRow>(
      "SELECT sequence, event, hash FROM ledger WHERE sequence > ? ORDER BY sequence",
      this.book.sequence,
    );
    for (const row of rows) {
      const { type, fault } = this.book.enter(row);
      this.#cover(`ledger.${type}`);
      if (fault !== null) this.#violate("ledger.books", fault);
    }
    const item = this.item();
    if (!item) return;
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
      this.#violate("ledger.counters", `${JSON.stringify(item)} against ${JSON.stringify(level)}`);
  }

  item(): ItemRow | undefined {
    return rowOf<ItemRow>(
      this.#database,
      "SELECT stock, available, held, sold, sequence, head_hash FROM item",
    );
  }

  #rows<Row>(query: string, ...values: (string | number)[]): Row[] {
    return rowsOf<Row>(this.#database, query, ...values);
  }
}
