import { getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { describe, expect, it } from "vitest";
import { encodeBase64url } from "../../../domain/base64url.ts";
import type { TrailEntry } from "../../../domain/books/trail.ts";
import { itemChain } from "../../../domain/books/chain.ts";
import type { LedgerEvent } from "../../../domain/purchase/ledger.ts";
import { NOON_MS } from "../../../test/system/support/samples.ts";
import { BooksShop, ledgerOf, rowsOfChain, trailOf } from "../testing/books-shop.ts";
import { beginRun } from "./rebuild-run.ts";
import { Rebuild, type TableDifferences } from "./rebuild.ts";
import { LIVE_TABLES, REBUILT_TABLES } from "./tables.ts";

let runs = 0;
const runtime = { now: () => NOON_MS, randomBytes: () => new Uint8Array([++runs]) };
const STEPS_MAX = 200;

/** What differs in sum, by phase and table: counts that are not zero, and the rows. */
async function drill(shop: BooksShop, mends = false, meanwhile?: (step: number) => Promise<void>) {
  const rebuild = new Rebuild(shop.env, runtime, mends);
  const found: Record<string, Partial<TableDifferences>> = {};
  const rows: Record<string, number> = {};
  const phases = new Set<string>();
  let cursor: string | null = null;
  for (let count = 0; count < STEPS_MAX; count++) {
    const answer = await rebuild.step(cursor);
    if (!answer.ok) throw new Error("The cursor is one that a step gave.");
    const { step } = answer;
    phases.add(step.phase);
    for (const { table, rows: compared, ...differences } of step.tables) {
      rows[table] = (rows[table] ?? 0) + compared;
      const some = Object.entries(differences).filter(([, value]) =>
        Array.isArray(value) ? value.length > 0 : value > 0,
      );
      if (some.length > 0) found[`${step.phase} ${table}`] = Object.fromEntries(some);
    }
    cursor = step.cursor;
    if (cursor === null) return { found, rows, phases: [...phases] };
    await meanwhile?.(count);
  }
  throw new Error("The drill does not end.");
}

/** Two items, two sales and the shop, of whose chains everything is projected. */
async function projectedShop(events: Record<string, LedgerEvent[]> = {}): Promise<BooksShop> {
  const shop = new BooksShop();
  for (const sku of ["phone", "watch"]) await shop.open(sku, events[sku] ?? ledgerOf(sku));
  for (const chain of ["sale/sale-of-phone", "sale/sale-of-watch", "shop"])
    await shop.keep(chain, (trailOf(chain, 1, 6) as unknown as { entries: TrailEntry[] }).entries);
  return shop;
}

function unlocked(shop: BooksShop): BooksShop["database"]["sqlite"] {
  const { sqlite } = shop.database;
  for (const table of ["ledger_event", "audit_entry"])
    for (const change of ["update", "delete"])
      sqlite.exec(`DROP TRIGGER ${table}_refuses_${change}`);
  return sqlite;
}

/** The cursor of a restoring rebuild whose next step is in a phase. */
async function cursorInto(shop: BooksShop, phase: string): Promise<string | null> {
  let nowMs = NOON_MS;
  const rebuild = new Rebuild(shop.env, { ...runtime, now: () => (nowMs += 1_000) }, true);
  let cursor: string | null = null;
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const answer = await rebuild.step(cursor);
    if (!answer.ok) throw new Error(answer.code);
    if (answer.step.phase === phase && cursor !== null) return cursor;
    ({ cursor } = answer.step);
  }
  throw new Error(`There is no step in ${phase}.`);
}

function contentOf(shop: BooksShop, tables: object): object[][] {
  return Object.values(tables).map((table: SQLiteTable) => shop.database.rows(getTableName(table)));
}

const EQUAL = {
  found: {},
  rows: { ledger_event: 20, audit_entry: 18, orders: 6, payment: 4, stock_level: 2, message: 10 },
};

describe("a rebuild", () => {
  it("of what is projected is equal, row by row", async () => {
    expect(await drill(await projectedShop())).toEqual({ ...EQUAL, phases: ["read", "check"] });
  });

  it("is equal where facts had to be put aside, and where rows have no hash yet", async () => {
    const events = ledgerOf("watch");
    events[4] = { sequence: 5, type: "payment_declined" } as LedgerEvent;
    const shop = await projectedShop({ watch: events });
    unlocked(shop).exec("UPDATE ledger_event SET hash = NULL WHERE sku = 'phone'");
    expect((await drill(shop)).found).toEqual({});
  });

  it("names what is missing, surplus and different, mends what may be changed, and then is equal", async () => {
    const shop = await projectedShop();
    unlocked(shop).exec(`
      DELETE FROM orders WHERE order_id = 'phone-ada';
      UPDATE orders SET amount = 1 WHERE order_id = 'watch-bob';
      INSERT INTO orders SELECT 'phone-eve', sale_id, sku, 'eve', 9, quantity, amount, currency, status, version,
        created_at_ms, expires_at_ms, updated_at_ms, payment_state, payment_attempts, payment_error,
        payment_method, payment_attention, payment_action_url FROM orders WHERE order_id = 'phone-bob';
      DELETE FROM payment WHERE order_id = 'phone-ada' AND attempt = 1;
      UPDATE payment SET state = 'voided' WHERE order_id = 'watch-ada' AND attempt = 2;
      UPDATE stock_level SET available = 99 WHERE sku = 'phone';
      DELETE FROM stock_level WHERE sku = 'watch';
      DELETE FROM message WHERE event_id = 'item/phone/2';
      UPDATE message SET shopper = 'eve' WHERE event_id = 'item/watch/2';
      UPDATE message SET state = 'sent', attempts = 1 WHERE event_id = 'item/watch/3';
      INSERT INTO message (event_id, shopper, kind, priority, sale_id, created_at_ms, facts)
        VALUES ('sale/drop/2', 'ada', 'sale_started', 'low', 'drop', 1, '{}');
      DELETE FROM ledger_event WHERE sku = 'phone' AND sequence IN (4, 5);
      DELETE FROM audit_entry WHERE chain = 'shop' AND sequence = 6;
    `);
    const found = {
      ledger_event: {
        missing: 2,
        named: [
          { verdict: "missing", key: "phone 4" },
          { verdict: "missing", key: "phone 5" },
        ],
      },
      audit_entry: { missing: 1, named: [{ verdict: "missing", key: "shop 6" }] },
      orders: {
        missing: 1,
        surplus: 1,
        different: 1,
        named: [
          { verdict: "missing", key: "phone-ada" },
          { verdict: "surplus", key: "phone-eve" },
          { verdict: "different", key: "watch-bob" },
        ],
      },
      payment: {
        missing: 1,
        different: 1,
        named: [
          { verdict: "missing", key: "phone-ada 1" },
          { verdict: "different", key: "watch-ada 2" },
        ],
      },
      stock_level: {
        missing: 1,
        different: 1,
        named: [
          { verdict: "missing", key: "watch" },
          { verdict: "different", key: "phone" },
        ],
      },
      message: {
        missing: 2,
        surplus: 1,
        named: [
          { verdict: "missing", key: "item/phone/2 ada" },
          { verdict: "missing", key: "item/watch/2 ada" },
          { verdict: "surplus", key: "item/watch/2 eve" },
        ],
      },
    };
    const in_ = (phase: string, mended: Record<string, number> = {}) =>
      Object.fromEntries(
        Object.entries(found).map(([table, differences]) => [
          `${phase} ${table}`,
          { ...differences, ...(table in mended ? { mended: mended[table] } : {}) },
        ]),
      );
    expect((await drill(shop)).found).toEqual(in_("check"));
    const mended = {
      ledger_event: 2,
      audit_entry: 1,
      orders: 3,
      payment: 2,
      stock_level: 2,
      message: 3,
    };
    const restored = await drill(shop, true);
    expect(restored.found).toEqual(in_("mend", mended));
    expect(restored.phases).toEqual(["read", "mend", "check"]);
    expect((await drill(shop)).found).toEqual({});
    const states = shop.database.rows("message").map((row) => [row["event_id"], row["state"]]);
    expect(states).toContainEqual(["item/watch/3", "sent"]);
    expect(states).toContainEqual(["item/phone/2", "due"]);
    expect(states).toContainEqual(["sale/drop/2", "due"]);
  });

  it("names what cannot be mended: rows of the trail that were changed, or that nobody wrote", async () => {
    const shop = await projectedShop();
    unlocked(shop).exec(`
      UPDATE ledger_event SET body = replace(body, '"quantity":1', '"quantity":2')
        WHERE sku = 'watch' AND sequence = 3;
      UPDATE audit_entry SET actor = 'staff:mallory' WHERE chain = 'shop' AND sequence = 2;
      INSERT INTO ledger_event SELECT sku, 11, sale_id, at_ms, type, order_id, body, hash
        FROM ledger_event WHERE sku = 'phone' AND sequence = 10;
      INSERT INTO audit_entry SELECT 'sale/none', 1, at_ms, type, actor, body, hash
        FROM audit_entry WHERE chain = 'shop' AND sequence = 1;
    `);
    const changed = (table: string, key: string) => ({
      [`check ${table}`]: { different: 1, named: [{ verdict: "different", key }] },
    });
    const expected = {
      "read ledger_event": { surplus: 1, named: [{ verdict: "surplus", key: "phone 11-11" }] },
      ...changed("ledger_event", "watch 3"),
      "check audit_entry": {
        surplus: 1,
        different: 1,
        named: [
          { verdict: "surplus", key: "sale/none 1" },
          { verdict: "different", key: "shop 2" },
        ],
      },
    };
    const { found } = await drill(shop, true);
    expect(found).toMatchObject(expected);
  });

  it("leaves out what later events have brought, and still sees what is wrong beside it", async () => {
    const shop = new BooksShop();
    const events = ledgerOf("phone");
    await shop.open("phone", events.slice(0, 6));
    shop.database.sqlite.exec("UPDATE orders SET number = 7 WHERE order_id = 'phone-bob'");
    let isOn = false;
    const { found } = await drill(shop, false, async () => {
      if (isOn) return;
      isOn = true;
      await shop.keep(itemChain("phone"), events.slice(6), 7);
      shop.database.sqlite.exec("UPDATE orders SET version = 9 WHERE order_id = 'phone-ada'");
    });
    expect(found).toEqual({
      "check ledger_event": { newer: 4 },
      // Cyd's is new. No event says that ada's has version 9, nor that bob's has number 7.
      "check orders": {
        newer: 1,
        different: 2,
        named: [
          { verdict: "different", key: "phone-ada" },
          { verdict: "different", key: "phone-bob" },
        ],
      },
      "check payment": { newer: 1 },
      "check stock_level": { newer: 1 },
      "check message": { newer: 3 },
    });
  });

  it("waits for a projection that is behind before it calls anything missing", async () => {
    const shop = new BooksShop();
    const events = ledgerOf("phone");
    await shop.open("phone", events.slice(0, 6));
    shop.chains.set(itemChain("phone"), rowsOfChain(events));
    shop.mirroredThrough = 6;
    const { found, phases } = await drill(shop, false, async (step) => {
      if (step === 5) await shop.keep(itemChain("phone"), events.slice(6), 7);
    });
    expect(phases).toEqual(["read", "settle", "check"]);
    expect(found).toEqual({});
  });

  it("does not know a cursor that is none of its own", async () => {
    const rebuild = new Rebuild(new BooksShop().env, runtime, false);
    const ofNoRun = encodeBase64url(new TextEncoder().encode('{"phase":"settle","looks":0}'));
    for (const text of ["", "nonsense", "bm90aGluZw", ofNoRun])
      expect(await rebuild.step(text)).toMatchObject({ ok: false, code: "validation_failed" });
  });

  it.each(["read", "settle", "mend", "check"])(
    "changes nothing and says so when another begins before its transaction: %s",
    async (phase) => {
      const shop = await projectedShop();
      shop.mirroredThrough = 0;
      const cursor = await cursorInto(shop, phase);
      unlocked(shop).exec(`
        DELETE FROM ledger_event WHERE sku = 'phone' AND sequence = 4;
        DELETE FROM orders WHERE order_id = 'phone-ada'`);
      const before = contentOf(shop, LIVE_TABLES);
      const [asked, DB] = [shop.env.DB, shop.env.DB];
      const batch = async (statements: D1PreparedStatement[]) => {
        await beginRun(shop.env, runtime);
        return asked.batch(statements);
      };
      const env = { ...shop.env, DB: Object.assign(DB, { batch }) };
      const overtaken = { ok: false, code: "rebuild_overtaken" };
      expect(await new Rebuild(env, runtime, true).step(cursor)).toMatchObject(overtaken);
      expect(contentOf(shop, LIVE_TABLES)).toEqual(before);
      expect(contentOf(shop, REBUILT_TABLES).flat()).toEqual([]);
      expect(await new Rebuild(shop.env, runtime, true).step(cursor)).toMatchObject(overtaken);
    },
  );

  it("is not said to be overtaken where its database fails", async () => {
    const shop = await projectedShop();
    const cursor = await cursorInto(shop, "check");
    shop.database.refuse = ({ sql }) => (sql.includes("count(*)") ? "busy" : null);
    await expect(new Rebuild(shop.env, runtime, true).step(cursor)).rejects.toThrow("busy");
  });
});
