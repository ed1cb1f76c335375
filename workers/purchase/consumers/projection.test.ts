import { assert, asyncProperty, constantFrom, shuffledSubarray } from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LedgerEvent } from "../../../domain/purchase/ledger.ts";
import { encodePage } from "../../../domain/purchase/ledger-page.ts";
import { BooksShop, ledgerOf, pageOf, rowsOfChain, trailOf } from "../testing/books-shop.ts";
import { Mailbox } from "../messages/mailbox.ts";
import { consumeDeadPages } from "./dead-letters.ts";
import type { BooksPage } from "./projection.ts";

const warned = vi.spyOn(console, "warn");
const failed = vi.spyOn(console, "error");
beforeEach(() => {
  warned.mockReset().mockReturnValue();
  failed.mockReset().mockReturnValue();
});

/** What a statement brings: all of its rows are one text. */
function textOf([rows]: readonly unknown[]): string {
  return typeof rows === "string" ? rows : "";
}

function rowsIn(page: BooksPage): number {
  return "events" in page ? page.events.length : page.entries.length;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

/** An event as another version has it. */
function changed(
  event: LedgerEvent | undefined,
  changes: object,
  ...missing: string[]
): LedgerEvent {
  const copy: Record<string, unknown> = { ...event, ...changes };
  for (const name of missing) delete copy[name];
  return copy as unknown as LedgerEvent;
}

describe("pages that come five times and shuffled", () => {
  it("leave the same tables, and each message due once", async () => {
    const pages = [
      pageOf("phone", 1, 3),
      pageOf("phone", 4, 5),
      pageOf("phone", 6, 8),
      pageOf("phone", 9, 10),
      pageOf("watch"),
      trailOf("sale/drop", 1, 2),
      trailOf("sale/drop", 3, 3),
      trailOf("shop", 1, 2),
    ];
    const once = new BooksShop();
    await once.deliver(pages);
    const expected = once.tables();
    const five = pages.flatMap((page) => [page, page, page, page, page]);
    const anyOrder = shuffledSubarray(five, { minLength: five.length });
    const anySize = constantFrom(1, 10, five.length);
    await assert(
      asyncProperty(anyOrder, anySize, async (order, size) => {
        const shop = new BooksShop();
        for (let from = 0; from < order.length; from += size)
          expect(await shop.deliver(order.slice(from, from + size))).toEqual(new Map());
        expect(shop.tables()).toEqual(expected);
        const acked = shop.acked.map(([, from, through]) => through - from + 1);
        expect(sumOf(acked)).toBe(sumOf(order.map(rowsIn)));
        const refs = shop.due.map(({ eventId, shopper }) => `${eventId} ${shopper}`);
        expect(new Set(refs).size).toBe(refs.length);
        expect(refs).toHaveLength(shop.database.rows("message").length);
        shop.database.sqlite.close();
      }),
      { numRuns: 25 },
    );
  });
});

describe("a page that comes as a text", () => {
  const asText = (events: LedgerEvent[]) => {
    const rows = rowsOfChain(events);
    const page = { saleId: "sale-of-phone", sku: "phone", fromSequence: 1 };
    const texts = rows.map(({ text }) => text);
    return encodePage({ ...page, texts, hashes: rows.map(({ hash }) => hash) });
  };

  it("leaves the tables that the same page leaves as a value", async () => {
    const [shop, other] = [new BooksShop(), new BooksShop()];
    const events = ledgerOf("phone");
    await shop.deliver([asText(events) as unknown as BooksPage]);
    await other.keep("item/phone", events);
    expect(shop.tables()).toEqual(other.tables());
    expect(shop.acked).toEqual([["phone", 1, 10]]);
  });

  it("is written as it is, whatever another version writes otherwise", async () => {
    const shop = new BooksShop();
    const odd = (text: string): string => text.replaceAll('"quantity":1', '"quantity":1.0');
    await shop.deliver([odd(asText(ledgerOf("phone"))) as unknown as BooksPage]);
    expect(shop.database.rows("ledger_event").map(({ body }) => body)).toEqual(
      rowsOfChain(ledgerOf("phone")).map(({ text }) => odd(text)),
    );
  });

  it("holds up nobody where it is none, and of a line that nobody can read names that one", async () => {
    const shop = new BooksShop();
    const text = asText(ledgerOf("phone")).replace('{"sequence":4', '"sequence":4');
    const bodies = [text, "no page", "{}", JSON.stringify({ fromSequence: 1 })];
    expect(await shop.deliver(bodies as unknown as BooksPage[])).toEqual(new Map());
    expect(shop.database.rows("attention_item").map((row) => row["item_id"])).toEqual([
      "unreadable_event-item.phone.4",
    ]);
    expect(shop.database.rows("ledger_event")).toHaveLength(10);
    expect(failed).toHaveBeenCalledTimes(3);
  });
});

describe("a page that the database refuses among good ones", () => {
  const poisoned = (shop: BooksShop, sku: string) => {
    shop.database.refuse = ({ sql, params }) =>
      sql.includes('into "ledger_event"') && textOf(params).includes(`"sku":"${sku}"`)
        ? "string or blob too big"
        : null;
  };

  it("comes again alone, and the others are written, acknowledged and told at once", async () => {
    const shop = new BooksShop();
    poisoned(shop, "bad");
    const pages = [pageOf("phone"), pageOf("bad"), pageOf("watch"), trailOf("shop", 1, 1)];
    expect(await shop.deliver(pages)).toEqual(new Map([[1, 10]]));
    expect(shop.skus("orders")).toEqual(["phone", "watch"]);
    expect(shop.acked.map(([name]) => name)).toEqual(["phone", "watch", "shop"]);
    expect(shop.due).toHaveLength(10);
    expect(shop.database.rows("attention_item")).toEqual([]);
  });

  it("is put before a person when it is given up, once, and its owner hears nothing", async () => {
    const shop = new BooksShop();
    poisoned(shop, "bad");
    const pages = [pageOf("bad", 3, 5), pageOf("phone"), pageOf("bad", 3, 5)];
    for (shop.attempts = 1; shop.attempts < 4; shop.attempts++)
      expect([...(await shop.deliver(pages, consumeDeadPages)).keys()]).toEqual([0, 2]);
    expect(shop.database.rows("attention_item")).toEqual([]);
    expect(await shop.deliver(pages, consumeDeadPages)).toEqual(new Map());
    expect(shop.database.rows("attention_item")).toMatchObject([
      {
        item_id: "unwritable_page-item.bad.3",
        kind: "unwritable_page",
        sale_id: "sale-of-bad",
        sku: "bad",
        rows: '[{"table":"ledger_event","key":"bad 3-5"}]',
        detail: expect.stringContaining("too big") as unknown,
      },
    ]);
    expect(new Set(shop.acked.map(([name]) => name))).toEqual(new Set(["phone"]));
  });

  it("is resolved when the last of it is written, in whatever pages it comes", async () => {
    const shop = new BooksShop();
    poisoned(shop, "bad");
    shop.attempts = 4;
    await shop.deliver([pageOf("bad", 3, 5), pageOf("bad", 6, 8)], consumeDeadPages);
    const open = () =>
      shop.database.rows("attention_item").flatMap((item) => {
        return item["resolved_at_ms"] === null ? [item["item_id"]] : [];
      });
    expect(open()).toEqual(["unwritable_page-item.bad.3", "unwritable_page-item.bad.6"]);
    shop.database.refuse = () => null;
    await shop.deliver([pageOf("bad", 1, 4), pageOf("watch")]);
    expect(open()).toHaveLength(2);
    await shop.deliver([pageOf("bad", 5, 7)]);
    expect(open()).toEqual(["unwritable_page-item.bad.6"]);
    await shop.deliver([pageOf("bad", 8, 10)]);
    expect(shop.database.rows("attention_item")).toMatchObject(
      Array.from({ length: 2 }, () => ({
        resolved_by: "system:projection",
        note: "The page is written.",
      })),
    );
  });

  it("is resolved at once when somebody else has written it meanwhile", async () => {
    const shop = new BooksShop();
    const page = trailOf("shop", 1, 2);
    await shop.deliver([page]);
    shop.database.refuse = ({ sql, params }) =>
      sql.includes('into "audit_entry"') && textOf(params) !== "[]" ? "busy" : null;
    shop.attempts = 4;
    expect(await shop.deliver([page], consumeDeadPages)).toEqual(new Map());
    expect(shop.database.rows("attention_item")).toMatchObject([
      { item_id: "unwritable_page-shop.1", resolved_by: "system:projection" },
    ]);
  });
});

describe("a database that is down", () => {
  it("is asked twice for a batch, all of which comes again; after that nothing is lost or doubled", async () => {
    const shop = new BooksShop();
    const pages = [pageOf("phone", 1, 5), pageOf("phone", 6, 10), pageOf("watch")];
    shop.database.refuse = () => "Network connection lost.";
    expect(await shop.deliver(pages)).toEqual(
      new Map([
        [0, 10],
        [1, 10],
        [2, 10],
      ]),
    );
    expect(shop.database.asked).toBe(2);
    expect(shop.acked).toEqual([]);
    shop.database.refuse = () => null;
    await shop.deliver(pages);
    const other = new BooksShop();
    await other.deliver([pageOf("phone"), pageOf("watch")]);
    expect(shop.tables()).toEqual(other.tables());
    expect(shop.due).toHaveLength(other.due.length);
  });

  it("in the middle of a batch that is tried page by page is not asked for the rest", async () => {
    const shop = new BooksShop();
    let writes = 0;
    shop.database.refuse = ({ sql, params }) => {
      if (!sql.includes('into "ledger_event"') || textOf(params) === "[]")
        return writes > 2 ? "down" : null;
      writes += 1;
      return writes === 2 ? null : "down";
    };
    const pages = [pageOf("phone"), pageOf("watch"), pageOf("camera"), pageOf("console")];
    expect([...(await shop.deliver(pages)).keys()]).toEqual([1, 2, 3]);
    expect(shop.database.asked).toBe(5);
    expect(shop.acked).toEqual([["phone", 1, 10]]);
  });

  it("keeps given-up pages coming, and brings nobody anything", async () => {
    const shop = new BooksShop();
    shop.database.refuse = () => "overloaded";
    shop.attempts = 9;
    expect(await shop.deliver([pageOf("phone")], consumeDeadPages)).toEqual(new Map([[0, 60]]));
    shop.database.refuse = () => null;
    expect(await shop.deliver([pageOf("phone")], consumeDeadPages)).toEqual(new Map());
    expect(shop.acked).toEqual([["phone", 1, 10]]);
    expect(shop.database.rows("attention_item")).toEqual([]);
  });
});

describe("events of another version", () => {
  it("are read without what they may lack, and keep what nobody knows", async () => {
    const events = ledgerOf("phone");
    const [, reserved] = events;
    const order = changed(
      reserved?.order as never,
      { colour: "red" },
      "paymentActionUrl",
      "paymentAttention",
    );
    events[1] = changed(reserved, { order, weather: { rain: true } }, "reason", "quantity");
    const shop = new BooksShop();
    await shop.deliver([pageOf("phone", 1, 2, events)]);
    expect(shop.database.rows("orders")).toMatchObject([
      { order_id: "phone-ada", version: 1, payment_action_url: null, payment_attention: null },
    ]);
    expect(shop.database.rows("ledger_event")[1]).toMatchObject({
      type: "reserved",
      body: JSON.stringify(events[1]),
    });
    expect(shop.database.rows("message")).toHaveLength(1);
    expect(shop.database.rows("attention_item")).toEqual([]);
  });

  it.each<[what: string, break_: (event: LedgerEvent) => unknown, detail: string]>([
    [
      "lacks its order's version",
      (event) => changed(event, { order: changed(event.order as never, {}, "version") }),
      "order.version",
    ],
    ["has a text for a number", (event) => changed(event, { atMs: "noon" }), "atMs"],
    ["has no order field", (event) => changed(event, {}, "order"), "order"],
    ["stands at another place", (event) => changed(event, { sequence: 7 }), "number 7"],
    ["is no object", () => "gone", "It"],
  ])("one that %s is put aside, and the rest of its page goes on", async (_, break_, detail) => {
    const events = ledgerOf("phone");
    const broken = break_(events[3] as LedgerEvent) as LedgerEvent;
    events[3] = broken;
    const shop = new BooksShop();
    const page = pageOf("phone", 1, 5, events);
    expect(await shop.deliver([page])).toEqual(new Map());
    await shop.deliver([page]);
    expect(shop.acked).toEqual([
      ["phone", 1, 5],
      ["phone", 1, 5],
    ]);
    expect(shop.database.rows("ledger_event").map((row) => row["body"])).toEqual(
      events.slice(0, 5).map((event) => JSON.stringify(event)),
    );
    expect(shop.database.rows("orders")).toMatchObject([
      { order_id: "phone-ada", version: 3, payment_state: "declined" },
      { order_id: "phone-bob", version: 1 },
    ]);
    expect(shop.database.rows("attention_item")).toMatchObject([
      {
        item_id: "unreadable_event-item.phone.4",
        kind: "unreadable_event",
        sku: "phone",
        rows: '[{"table":"ledger_event","key":"phone 4"}]',
        detail: expect.stringContaining(detail) as unknown,
      },
    ]);
  });

  it("an entry of a trail is put aside as well", async () => {
    const page = trailOf("sale/drop", 1, 3) as { entries: unknown[] } & BooksPage;
    page.entries[1] = { sequence: 2, type: "commanded" };
    const shop = new BooksShop();
    await shop.deliver([page]);
    expect(shop.database.rows("audit_entry").map((row) => row["actor"])).toEqual([
      "staff:eve",
      "unknown",
      "staff:eve",
    ]);
    expect(shop.database.rows("attention_item")).toMatchObject([
      {
        item_id: "unreadable_event-sale.drop.2",
        rows: '[{"table":"audit_entry","key":"sale/drop 2"}]',
      },
    ]);
    expect(shop.acked).toEqual([["drop", 1, 3]]);
  });
});

describe("a mailbox in the same database", () => {
  const notices = (shop: BooksShop) =>
    shop.database.rows("notification").map(({ event_id, subject }) => [event_id, subject]);
  const states = (shop: BooksShop) =>
    shop.database.rows("message").map(({ event_id, state }) => [event_id, state]);

  it("has its messages with the page that they are of, by the names of that time, once", async () => {
    const shop = new BooksShop();
    shop.mail = new Mailbox(shop.env);
    await shop.open("phone", []);
    const named = JSON.stringify({ name: "Drop", items: [{ sku: "phone", name: "Phone 12" }] });
    shop.database.sqlite.prepare("UPDATE sale SET definition = ?").run(named);
    for (let times = 0; times < 2; times++) await shop.deliver([pageOf("phone", 1, 3)]);
    await shop.deliver([pageOf("watch", 1, 2)]);
    expect(notices(shop)).toEqual([
      ["item/phone/2", "Reserved for you: Phone 12"],
      ["item/phone/3", "Reserved for you: Phone 12"],
      ["item/watch/2", "Reserved for you: watch"],
    ]);
    expect(states(shop).map(([, state]) => state)).toEqual(["sent", "sent", "sent"]);
    expect(shop.due).toEqual([]);
  });

  it("is given the others by their queue: what it does not take, and what cannot be written", async () => {
    const shop = new BooksShop();
    const mailbox = new Mailbox(shop.env);
    shop.mail = {
      takes: ({ eventId }) => eventId !== "item/phone/2",
      delivery: (db, messages) => mailbox.delivery(db, messages),
    };
    const events = ledgerOf("phone");
    const { order } = events[2] ?? {};
    events[2] = changed(events[2], { order: { ...order, currency: "no currency" } });
    await shop.deliver([pageOf("phone", 1, 9, events)]);
    expect(states(shop)).toEqual([
      ["item/phone/2", "due"],
      ["item/phone/3", "due"],
      ["item/phone/7", "sent"],
      ["item/phone/8", "sent"],
      ["item/phone/9", "sent"],
    ]);
    expect(notices(shop)).toHaveLength(3);
    expect(shop.due.map(({ eventId }) => eventId)).toEqual(["item/phone/2", "item/phone/3"]);
  });

  it("is not asked for while the database does not take it", async () => {
    const shop = new BooksShop();
    shop.mail = new Mailbox(shop.env);
    shop.database.refuse = ({ sql }) => (sql.includes('"notification"') ? "no such table" : null);
    expect(await shop.deliver([pageOf("phone"), pageOf("watch")])).toEqual(
      new Map([
        [0, 10],
        [1, 10],
      ]),
    );
    expect(shop.database.rows("ledger_event")).toEqual([]);
    // Names, the batch, and whether the database is well: it is not, so that no page is tried alone.
    expect(shop.database.asked).toBe(3);
  });
});

describe("an owner that cannot be reached", () => {
  it("keeps nobody else from hearing, and its page is not written again by us", async () => {
    const shop = new BooksShop();
    shop.unreachable.add("phone");
    expect(await shop.deliver([pageOf("phone"), pageOf("watch")])).toEqual(new Map());
    expect(shop.acked).toEqual([["watch", 1, 10]]);
    expect(shop.skus("orders")).toEqual(["phone", "watch"]);
    expect(warned.mock.lastCall?.[0]).toMatchObject({
      event: "ledger.not_acknowledged",
      chain: "item/phone",
    });
  });
});
