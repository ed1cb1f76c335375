import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { encodeTrailEntry, type TrailEntry, type TrailPage } from "../../domain/books/trail.ts";
import type { LedgerEvent, LedgerPage } from "../../domain/purchase/ledger.ts";
import { consumeDeadPages } from "../../workers/purchase/consumers/dead-letters.ts";
import { consumeLedger, type BooksPage } from "../../workers/purchase/consumers/projection.ts";
import purchase from "../../workers/purchase/index.ts";
import { useTestClock } from "./support/clock.ts";
import { bindings, createItem, errorOf, uniqueName } from "./support/objects.ts";
import { checkoutOf, NOON_MS, reservation, SECOND_MS } from "./support/samples.ts";

const clock = useTestClock();
const { DB } = bindings;

/** The acknowledgements that items, sales and the shop received instead of the real ones. */
function envWithoutOwners() {
  const acked: [name: string, from: number, through: number][] = [];
  const owners = {
    getByName: (name: string) => ({
      acked: (from: number, through: number) => {
        acked.push([name, from, through]);
        return Promise.resolve();
      },
    }),
  };
  const env = { ...bindings, SKU: owners, QUEUE_SEQUENCER: owners, AUDIT_LOG: owners };
  return { acked, env: env as unknown as PurchaseEnv };
}

let messages = 0;

function batchOf(...pages: BooksPage[]): MessageBatch<BooksPage> {
  return createMessageBatch(
    "ropeline-ledger",
    pages.map((body) => {
      messages += 1;
      return { id: `message-${messages}`, timestamp: new Date(), attempts: 1, body };
    }),
  );
}

/**
 * The ledger of an item with a sold, a cancelled and a reserved order, as of noon, in pages. They are told of an
 * item that does not exist: the real one sends its own pages whenever it likes.
 */
async function ledgerPages(): Promise<{ sku: string; pages: LedgerPage[]; events: LedgerEvent[] }> {
  clock.set(NOON_MS);
  const original = uniqueName("projected");
  const item = await createItem({ sku: original, stock: 5 });
  for (const shopper of ["ada", "bob", "cyd"])
    await item.reserve(reservation(shopper, { orderId: `${original}-${shopper}` }));
  await item.checkout(`${original}-ada`, "ada", checkoutOf());
  await item.paymentResult(`${original}-ada`, 1, { kind: "declined", reason: "no_funds" });
  await item.checkout(`${original}-ada`, "ada", checkoutOf({ idempotencyKey: "checkout-2" }));
  clock.advance(SECOND_MS);
  await item.paymentResult(`${original}-ada`, 2, { kind: "authorised" });
  await item.cancel(`${original}-bob`, "bob");
  const sku = uniqueName("copied");
  const ledger = JSON.stringify(await item.ledger(0));
  const events = JSON.parse(ledger.replaceAll(original, sku)) as LedgerEvent[];
  const page = (from: number, through: number): LedgerPage => ({
    saleId: `sale-of-${sku}`,
    sku,
    fromSequence: from,
    events: events.slice(from - 1, through),
  });
  return { sku, events, pages: [page(1, 3), page(4, 7), page(8, 9)] };
}

async function projectionOf(sku: string) {
  const rows = async (query: string) => (await DB.prepare(query).bind(sku).all()).results;
  return {
    orders: await rows("SELECT * FROM orders WHERE sku = ? ORDER BY order_id"),
    levels: await rows("SELECT * FROM stock_level WHERE sku = ?"),
    events: await rows("SELECT * FROM ledger_event WHERE sku = ? ORDER BY sequence"),
    payments: await rows("SELECT * FROM payment WHERE sku = ? ORDER BY order_id, attempt"),
    messages: await rows("SELECT * FROM message WHERE sku = ? ORDER BY order_id, kind"),
  };
}

describe("the projection", () => {
  it("has every order as its last event tells it, the last counters, and every event", async () => {
    const { sku, pages, events } = await ledgerPages();
    const { env, acked } = envWithoutOwners();
    await consumeLedger(env, batchOf(...pages));
    const projection = await projectionOf(sku);
    const last = (shopper: string) =>
      events.findLast((event) => event.order?.shopper === shopper)?.order;
    expect(projection.orders).toEqual(
      ["ada", "bob", "cyd"].map((shopper) => {
        const order = last(shopper);
        return {
          order_id: order?.orderId,
          sale_id: order?.saleId,
          sku,
          shopper,
          number: order?.number,
          quantity: 1,
          amount: 49_900,
          currency: "EUR",
          status: order?.status,
          version: order?.version,
          created_at_ms: order?.createdAtMs,
          expires_at_ms: order?.expiresAtMs,
          updated_at_ms: order?.updatedAtMs,
          payment_state: order?.paymentState,
          payment_attempts: order?.paymentAttempts,
          payment_error: order?.paymentError,
          payment_method: order?.paymentMethod,
          payment_attention: order?.paymentAttention,
          payment_action_url: order?.paymentActionUrl,
        };
      }),
    );
    expect(projection.orders.map((order) => order["status"])).toEqual([
      "CONFIRMED",
      "CANCELLED",
      "RESERVED",
    ]);
    expect(projection.levels).toEqual([
      { sku, sale_id: `sale-of-${sku}`, sequence: 9, stock: 5, available: 3, held: 1, sold: 1 },
    ]);
    expect(projection.events.map((row) => JSON.parse(String(row["body"])) as unknown)).toEqual(
      events,
    );
    expect(projection.events.map((row) => [row["type"], row["order_id"]])).toEqual(
      events.map((event) => [event.type, event.order?.orderId ?? null]),
    );
    const attempt = {
      order_id: `${sku}-ada`,
      sku,
      amount: 49_900,
      currency: "EUR",
      method: "card",
    };
    expect(projection.payments).toMatchObject([
      { ...attempt, attempt: 1, state: "declined", error: "no_funds", version: 3 },
      { ...attempt, attempt: 2, state: "authorised", error: null, version: 5 },
    ]);
    expect(projection.messages.map((row) => [row["shopper"], row["kind"]])).toEqual([
      ["ada", "confirmed"],
      ["ada", "reserved"],
      ["bob", "cancelled"],
      ["bob", "reserved"],
      ["cyd", "reserved"],
    ]);
    expect(acked).toEqual([[sku, 1, 9]]);
  });

  it("has the entries of a sale and of the shop as they were hashed", async () => {
    const { env, acked } = envWithoutOwners();
    const saleId = uniqueName("sale");
    const entry = (sequence: number): TrailEntry => ({
      v: 1,
      sequence,
      atMs: NOON_MS,
      type: "commanded",
      actor: "staff:eve",
      reason: "late \u2028 \ud83d\ude80",
      detail: { command: "pause", zone: { "2": "b", "1": "a" } },
    });
    const page = (chain: string, entries: TrailEntry[]): TrailPage => ({
      chain,
      fromSequence: 1,
      entries: entries.map((one) => JSON.parse(encodeTrailEntry(one)) as TrailEntry),
      hashes: entries.map(({ sequence }) => `hash-${sequence}`),
    });
    const chain = `sale/${saleId}`;
    await consumeLedger(env, batchOf(page(chain, [entry(1), entry(2)]), page("shop", [entry(1)])));
    await consumeLedger(env, batchOf(page(chain, [entry(1), entry(2)])));
    const { results } = await DB.prepare("SELECT * FROM audit_entry WHERE chain = ?")
      .bind(chain)
      .all();
    const common = { chain, at_ms: NOON_MS, type: "commanded", actor: "staff:eve" };
    expect(results).toEqual([
      { ...common, sequence: 1, body: encodeTrailEntry(entry(1)), hash: "hash-1" },
      { ...common, sequence: 2, body: encodeTrailEntry(entry(2)), hash: "hash-2" },
    ]);
    expect(acked).toEqual([
      [saleId, 1, 2],
      ["shop", 1, 1],
      [saleId, 1, 2],
    ]);
  });

  it.each<[name: string, order: number[][]]>([
    [
      "twice",
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
    ],
    ["one by one", [[0], [1], [2]]],
    ["in reverse", [[2], [1], [0]]],
    ["in reverse in one batch", [[2, 1, 0]]],
    ["the middle late and twice", [[0, 2], [1], [1]]],
    ["each twice in one batch", [[1, 1, 0, 2, 2, 0]]],
  ])("is the same when pages come %s", async (_, order) => {
    const { sku, pages } = await ledgerPages();
    const { env } = envWithoutOwners();
    for (const batch of order)
      await consumeLedger(env, batchOf(...batch.flatMap((index) => pages[index] ?? [])));
    const projection = await projectionOf(sku);

    const other = await ledgerPages();
    await consumeLedger(env, batchOf(...other.pages));
    const expected = JSON.stringify(await projectionOf(other.sku));
    expect(JSON.stringify(projection)).toBe(expected.replaceAll(other.sku, sku));
  });

  it("takes pages of several items in one batch", async () => {
    const [first, second] = [await ledgerPages(), await ledgerPages()];
    const { env, acked } = envWithoutOwners();
    await consumeLedger(env, batchOf(...first.pages, ...second.pages));
    expect((await projectionOf(first.sku)).orders).toHaveLength(3);
    expect((await projectionOf(second.sku)).orders).toHaveLength(3);
    expect(acked).toEqual([
      [first.sku, 1, 9],
      [second.sku, 1, 9],
    ]);
  });

  it("takes a full batch: 20 pages of 100 events", async () => {
    const { sku, pages, events } = await ledgerPages();
    const { env } = envWithoutOwners();
    const reserved = events.find((event) => event.type === "reserved");
    if (!reserved?.order || !pages[0]) throw new Error("An order was reserved.");
    const { order } = reserved;
    const full = Array.from({ length: 20 }, (_, page): LedgerPage => ({
      saleId: `sale-of-${sku}`,
      sku,
      fromSequence: page * 100 + 1,
      events: Array.from({ length: 100 }, (_, index): LedgerEvent => {
        const sequence = page * 100 + index + 1;
        return { ...reserved, sequence, order: { ...order, orderId: `${sku}-${sequence}` } };
      }),
    }));
    await consumeLedger(env, batchOf(...full));
    expect((await projectionOf(sku)).events).toHaveLength(2_000);
    expect((await projectionOf(sku)).messages).toHaveLength(2_000);
  });

  it("acknowledges nothing when the database fails, and all of a batch is undone and comes again", async () => {
    const warnings = vi.spyOn(console, "warn").mockReturnValue();
    const { sku, pages } = await ledgerPages();
    const { env, acked } = envWithoutOwners();
    const batch = batchOf(...pages);
    await DB.exec("ALTER TABLE message RENAME TO hidden");
    try {
      await consumeLedger(env, batch);
    } finally {
      await DB.exec("ALTER TABLE hidden RENAME TO message");
    }
    const { retryMessages } = await getQueueResult(batch, createExecutionContext());
    expect(retryMessages).toHaveLength(pages.length);
    expect(warnings.mock.lastCall?.[0]).toMatchObject({ event: "ledger.put_off" });
    expect(acked).toEqual([]);
    expect(await projectionOf(sku)).toEqual({
      orders: [],
      levels: [],
      events: [],
      payments: [],
      messages: [],
    });
    warnings.mockRestore();
  });
});

describe("a page that cannot be written", () => {
  it("is before a person until its owner has it written, in pages of another length", async () => {
    const errors = vi.spyOn(console, "error").mockReturnValue();
    const { sku, pages, events } = await ledgerPages();
    const { env } = envWithoutOwners();
    const dead = createMessageBatch("ropeline-ledger-dead", [
      { id: "dead", timestamp: new Date(), attempts: 4, body: pages[1] as BooksPage },
    ]);
    const item = () =>
      DB.prepare("SELECT * FROM attention_item WHERE sku = ?").bind(sku).first<object>();
    await DB.exec(
      `CREATE TRIGGER refuse BEFORE INSERT ON ledger_event WHEN NEW.sku = '${sku}' BEGIN SELECT RAISE(ABORT, 'no'); END`,
    );
    try {
      await consumeDeadPages(env, dead);
      expect(await item()).toMatchObject({ kind: "unwritable_page", resolved_at_ms: null });
    } finally {
      await DB.exec("DROP TRIGGER refuse");
    }
    const page = { ...(pages[0] as LedgerPage), events: events.slice(0, 6) };
    await consumeLedger(env, batchOf(page));
    expect(await item()).toMatchObject({ resolved_at_ms: null });
    await consumeLedger(env, batchOf({ ...page, fromSequence: 7, events: events.slice(6) }));
    expect(await item()).toMatchObject({ resolved_by: "system:projection" });
    errors.mockRestore();
  });
});

describe("the consumer", () => {
  it("acknowledges to the real item, which then has nothing left to send", async () => {
    const sku = uniqueName("acked");
    const item = await createItem({ sku });
    const events = await item.ledger(0);
    const page = { saleId: `sale-of-${sku}`, sku, fromSequence: 1, events };
    await consumeLedger(bindings, batchOf(page));
    expect((await item.stats())?.calls["system.acked"]).toBeGreaterThanOrEqual(1);
  });

  it("of an unknown queue fails loudly", async () => {
    const errors = vi.spyOn(console, "error").mockReturnValue();
    const batch = createMessageBatch("no-such-queue", []);
    const error = "Error: No consumer for the queue no-such-queue.";
    expect(await errorOf(purchase.queue(batch, bindings, createExecutionContext()))).toBe(error);
    expect(errors.mock.lastCall).toEqual([
      { event: "consumer.failed", queue: "no-such-queue", error },
    ]);
    errors.mockRestore();
  });

  it("succeeds on an empty batch", async () => {
    const batch = batchOf();
    const context = createExecutionContext();
    await purchase.queue(batch, bindings, context);
    expect((await getQueueResult(batch, context)).outcome).toBe("ok");
  });
});
