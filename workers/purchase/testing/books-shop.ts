import {
  skuOf,
  chainHash,
  GENESIS_HASH,
  itemChain,
  type ChainPage,
  type ChainRow,
} from "../../../domain/books/chain.ts";
import { encodeTrailEntry, type TrailEntry } from "../../../domain/books/trail.ts";
import type { DueMessage } from "../../../domain/messages/message.ts";
import type { Hold } from "../../../domain/purchase/hold.ts";
import {
  encodeEvent,
  orderRow,
  type LedgerEvent,
  type LedgerType,
} from "../../../domain/purchase/ledger.ts";
import { hold, level, NOON_MS, payment } from "../../../test/system/support/samples.ts";
import type { MailTable } from "../messages/adapter.ts";
import { consumeLedger, type BooksPage } from "../consumers/projection.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

/** What is made of chains. */
const TABLES = ["ledger_event", "audit_entry", "orders", "payment", "stock_level", "message"];

/** A database and the owners of all chains, who remember what was acknowledged. */
export class BooksShop {
  readonly database = new SqliteDatabase();
  readonly acked: [name: string, from: number, through: number][] = [];
  readonly due: DueMessage[] = [];
  /** What takes messages at once; `null`: all are due. */
  mail: MailTable | null = null;
  /** Owners that cannot be reached. */
  readonly unreachable = new Set<string>();

  /** How often the next batch is said to have been delivered. */
  attempts = 1;
  /** What owners keep, for those who read chains; a page of one has so many rows. */
  readonly chains = new Map<string, ChainRow[]>();
  pageRows = 4;
  /** How far owners believe that their rows are in the tables; all, where it is not set. */
  mirroredThrough: number | null = null;

  get env(): PurchaseEnv {
    const owners = (kind: string) => ({
      getByName: (name: string) => this.#ownerOf(kind === "" ? name : `${kind}/${name}`, name),
    });
    return {
      DB: this.database.binding,
      SKU: owners("item"),
      QUEUE_SEQUENCER: owners("sale"),
      AUDIT_LOG: owners(""),
    } as unknown as PurchaseEnv;
  }

  #ownerOf(chain: string, name: string) {
    return {
      acked: async (from: number, through: number) => {
        await Promise.resolve();
        if (this.unreachable.has(name)) throw new Error("Network connection lost.");
        this.acked.push([name, from, through]);
      },
      chain: (after: number): Promise<ChainPage> => {
        const rows = this.chains.get(chain) ?? [];
        const { sequence, hash } = rows.at(-1) ?? { sequence: 0, hash: GENESIS_HASH };
        const page = rows.slice(after, after + this.pageRows);
        return Promise.resolve({
          head: { chain, sequence, hash },
          rows: page,
          mirroredThrough: this.mirroredThrough ?? sequence,
        });
      },
    };
  }

  /** Begins an item of a sale, and projects its ledger. */
  async open(sku: string, events: LedgerEvent[]): Promise<void> {
    const saleId = `sale-of-${sku}`;
    this.database.sqlite
      .prepare("INSERT INTO sale VALUES (?, 0, '{}', '{}', 1) ON CONFLICT DO NOTHING")
      .run(saleId);
    this.database.sqlite.prepare("INSERT INTO sale_item VALUES (?, ?)").run(sku, saleId);
    await this.keep(itemChain(sku), events);
  }

  /** Has an owner keep events, and projects them. */
  async keep(chain: string, events: (LedgerEvent | TrailEntry)[], from = 1): Promise<void> {
    const before = (this.chains.get(chain) ?? []).slice(0, from - 1);
    const values = before.map(({ text }) => JSON.parse(text) as LedgerEvent);
    const rows = rowsOfChain([...values, ...events]);
    this.chains.set(chain, rows);
    const added = rows.slice(from - 1);
    const read = added.map(({ text }) => JSON.parse(text) as unknown);
    const hashes = added.map(({ hash }) => hash);
    const sku = skuOf(chain);
    const page =
      sku === null
        ? { chain, fromSequence: from, entries: read, hashes }
        : { saleId: `sale-of-${sku}`, sku, fromSequence: from, events: read, hashes };
    await this.deliver([page as BooksPage]);
  }

  /** Delivers pages in one batch; the retries that were asked for, by the page's index. */
  async deliver(pages: BooksPage[], consume = consumeLedger): Promise<Map<number, number>> {
    const retried = new Map<number, number>();
    const messages = pages.map((body, index) => ({
      id: String(index),
      attempts: this.attempts,
      body,
      retry: ({ delaySeconds = 0 }: QueueRetryOptions = {}) => retried.set(index, delaySeconds),
    }));
    const batch = { queue: "ropeline-ledger", messages } as unknown as MessageBatch<BooksPage>;
    const sendDue = (due: DueMessage[]) => {
      this.due.push(...due);
      return Promise.resolve();
    };
    await consume(this.env, batch, sendDue, { now: () => NOON_MS }, this.mail);
    return retried;
  }

  tables(): Record<string, unknown> {
    return Object.fromEntries(TABLES.map((table) => [table, this.database.rows(table)]));
  }

  skus(table: string): unknown[] {
    return [...new Set(this.database.rows(table).map((row) => row["sku"]))];
  }
}

/** The ledger of an item: one order declined and then confirmed, one cancelled, one reserved. */
export function ledgerOf(sku: string): LedgerEvent[] {
  const ada = hold({ orderId: `${sku}-ada` });
  const bob = hold({ orderId: `${sku}-bob`, shopper: "bob" });
  const cyd = hold({ orderId: `${sku}-cyd`, shopper: "cyd" });
  const declined = payment({ state: "declined", lastError: "no_funds" });
  const again = payment({ attempt: 2 });
  const steps: [LedgerType, Hold | null][] = [
    ["created", null],
    ["reserved", ada],
    ["reserved", bob],
    ["payment_pending", { ...ada, version: 2, status: "PAYMENT_PENDING", payment: payment() }],
    ["payment_declined", { ...ada, version: 3, status: "RESERVED", payment: declined }],
    ["payment_pending", { ...ada, version: 4, status: "PAYMENT_PENDING", payment: again }],
    ["cancelled", { ...bob, version: 2, status: "CANCELLED" }],
    [
      "confirmed",
      { ...ada, version: 5, status: "CONFIRMED", payment: { ...again, state: "authorised" } },
    ],
    ["reserved", cyd],
    [
      "captured",
      { ...ada, version: 6, status: "CONFIRMED", payment: { ...again, state: "captured" } },
    ],
  ];
  return steps.map(([type, of], index) => ({
    sequence: index + 1,
    atMs: NOON_MS + index,
    type,
    quantity: 1,
    level: { ...level(10, index % 3, 0), sku },
    order: of && orderRow(`sale-of-${sku}`, sku, of),
    reason: null,
  }));
}

/** Events as their owner keeps them. */
export function rowsOfChain(events: readonly (LedgerEvent | TrailEntry)[]): ChainRow[] {
  let hash = GENESIS_HASH;
  return events.map((event, index) => {
    const text = "v" in event ? encodeTrailEntry(event) : encodeEvent(event);
    hash = chainHash(hash, text);
    return { sequence: index + 1, text, hash };
  });
}

export function pageOf(
  sku: string,
  from = 1,
  through = Infinity,
  events = ledgerOf(sku),
): BooksPage {
  return {
    saleId: `sale-of-${sku}`,
    sku,
    fromSequence: from,
    events: events.slice(from - 1, through),
    hashes: events.slice(from - 1, through).map((event) => `hash of ${JSON.stringify(event)}`),
  };
}

export function trailOf(chain: string, from: number, through: number): BooksPage {
  const entries = Array.from({ length: through - from + 1 }, (_, index): TrailEntry => ({
    v: 1,
    sequence: from + index,
    atMs: NOON_MS,
    type: "commanded",
    actor: "staff:eve",
    reason: null,
    detail: { command: "pause" },
  }));
  const hashes = entries.map((entry) => `hash of ${encodeTrailEntry(entry)}`);
  return { chain, fromSequence: from, entries, hashes };
}
