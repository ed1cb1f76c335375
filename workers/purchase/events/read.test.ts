import { beforeEach, describe, expect, it } from "vitest";
import { hold, level, NOON_MS } from "../../../test/system/support/samples.ts";
import { eventId, itemChain, saleChain } from "../../../domain/books/chain.ts";
import type { TrailEntry } from "../../../domain/books/trail.ts";
import { orderRow, type LedgerEvent, type LedgerType } from "../../../domain/purchase/ledger.ts";
import { SqliteDatabase } from "../testing/sqlite-database.ts";
import { listEvents } from "./read.ts";

const OF_SALE = { saleId: "drop", skus: ["tablet", "phone"], ofSale: true };
const OF_PHONE = { saleId: "drop", skus: ["phone"], ofSale: false };

let database: SqliteDatabase;

beforeEach(() => {
  database = new SqliteDatabase();
});

function writeRow(sku: string, sequence: number, type: LedgerType, body?: string): void {
  const order = type === "created" ? null : orderRow("drop", sku, hold());
  const counters = { quantity: 1, level: level(10), order, reason: null };
  const event: LedgerEvent = { sequence, atMs: NOON_MS, type, ...counters };
  database.sqlite
    .prepare("INSERT INTO ledger_event VALUES (?, ?, 'drop', ?, ?, NULL, ?, NULL)")
    .run(sku, sequence, NOON_MS, type, body ?? JSON.stringify(event));
}

function writeEntry(saleId: string, sequence: number, type: TrailEntry["type"]): void {
  const detail = { startsAtMs: NOON_MS, endsAtMs: NOON_MS, stock: {}, levels: [] };
  const who = { actor: "system:clock", reason: null };
  const entry: TrailEntry = { v: 1, sequence, atMs: NOON_MS, type, ...who, detail };
  database.sqlite
    .prepare("INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?, ?, '')")
    .run(saleChain(saleId), sequence, NOON_MS, type, who.actor, JSON.stringify(entry));
}

/** Ids of all events, page by page, and the last cursor. */
async function readAll(
  filter: typeof OF_SALE,
  limit: number,
  from: string | null = null,
): Promise<{ ids: string[]; cursor: string | null }> {
  const ids: string[] = [];
  let cursor = from;
  for (;;) {
    const page = await listEvents({ DB: database.binding }, filter, cursor, limit);
    ids.push(...page.rows.map(({ id }) => id));
    if (page.cursor === null) return { ids, cursor };
    cursor = page.cursor;
  }
}

function sample(): void {
  for (const [sequence, type] of (["created", "started", "adjusted", "ended"] as const).entries())
    writeEntry("drop", sequence + 1, type);
  writeEntry("other", 1, "started");
  for (const sku of ["phone", "tablet", "unasked"])
    for (const [at, type] of (
      ["created", "reserved", "payment_pending", "expired"] as const
    ).entries())
      writeRow(sku, at + 1, type);
}

describe("the events of a sale", () => {
  it.each([1, 2, 3, 100])("come once each, chain by chain, %i rows a page", async (limit) => {
    sample();
    expect((await readAll(OF_SALE, limit)).ids).toEqual([
      "sale/drop/2",
      "sale/drop/4",
      "item/phone/2",
      "item/phone/4",
      "item/tablet/2",
      "item/tablet/4",
    ]);
    expect((await readAll(OF_PHONE, limit)).ids).toEqual(["item/phone/2", "item/phone/4"]);
  });

  it("go on from where a reader stopped, once there are more", async () => {
    sample();
    const { cursor } = await readAll(OF_PHONE, 3);
    expect(cursor).toBe(eventId(itemChain("phone"), 4));
    expect(await readAll(OF_PHONE, 3, cursor)).toEqual({ ids: [], cursor });
    writeRow("phone", 5, "reserved");
    expect((await readAll(OF_PHONE, 3, cursor)).ids).toEqual(["item/phone/5"]);
  });

  it("go on in every chain, also in those that were read before the last one", async () => {
    sample();
    const { cursor } = await readAll(OF_SALE, 5);
    writeEntry("drop", 5, "ended");
    writeRow("phone", 5, "reserved");
    writeRow("tablet", 5, "reserved");
    for (const limit of [1, 2, 100])
      expect((await readAll(OF_SALE, limit, cursor)).ids).toEqual([
        "sale/drop/5",
        "item/phone/5",
        "item/tablet/5",
      ]);
  });

  it("end before a row that is not there yet: nobody passes it over", async () => {
    writeRow("phone", 1, "created");
    writeRow("phone", 2, "reserved");
    writeRow("phone", 4, "expired");
    writeRow("tablet", 1, "created");
    writeRow("tablet", 2, "reserved");
    const { ids, cursor } = await readAll(OF_PHONE, 100);
    expect(ids).toEqual(["item/phone/2"]);
    expect((await readAll(OF_SALE, 100)).ids).toEqual(["item/phone/2", "item/tablet/2"]);
    writeRow("phone", 3, "captured");
    expect((await readAll(OF_PHONE, 100, cursor)).ids).toEqual(["item/phone/3", "item/phone/4"]);
  });

  it("are none of a row that nobody can read, and those after it come", async () => {
    writeRow("phone", 1, "reserved", JSON.stringify({ sequence: 1, type: "reserved" }));
    writeRow("phone", 2, "expired");
    expect((await readAll(OF_PHONE, 100)).ids).toEqual(["item/phone/2"]);
  });

  it.each([
    "nonsense",
    "item/other/7",
    "sale/drop/2",
    "item/phone/",
    "item/phone/x",
    "item/phone/1.1",
  ])("begin anew after a cursor that is not of this list: %s", async (cursor) => {
    sample();
    expect((await readAll(OF_PHONE, 100, cursor)).ids).toHaveLength(2);
  });
});
