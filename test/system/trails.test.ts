import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import {
  chainHash,
  GENESIS_HASH,
  itemChain,
  saleChain,
  SHOP_CHAIN,
} from "../../domain/books/chain.ts";
import type { TrailEntry } from "../../domain/books/trail.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { runEveryMinute } from "../../workers/purchase/cron.ts";
import { changeProduct, createProduct } from "../../workers/purchase/catalogue.ts";
import { eventually, useTestClock } from "./support/clock.ts";
import { openLine, type TestLine } from "./support/lines.ts";
import { useFreshTables } from "./support/fresh-tables.ts";
import { alarmOf, bindings, rowsOf } from "./support/objects.ts";
import { createSale, newSale, product } from "./support/sales.ts";
import { HOUR_MS, level, MINUTE_MS, NOON_MS, SECOND_MS } from "./support/samples.ts";

const { AUDIT_LOG, DB, PURCHASE } = bindings;
const clock = useTestClock();
useFreshTables();
const BY = { actor: "staff:bea", reason: "Because." };
const TO_COME = { startsAtMs: NOON_MS + HOUR_MS, endsAtMs: NOON_MS + 2 * HOUR_MS };

/** The rows of a chain in D1, once the projection has them all. */
async function mirrorOf(chain: string, count: number) {
  const query = DB.prepare("SELECT * FROM audit_entry WHERE chain = ? ORDER BY sequence");
  await eventually(async () => {
    expect((await query.bind(chain).all()).results).toHaveLength(count);
  });
  return (await query.bind(chain).all<{ body: string; hash: string }>()).results;
}

/** Waits until the projection has acknowledged so many entries of a sale's chain. */
function mirrored(line: TestLine, count: number): Promise<void> {
  return eventually(async () => {
    expect((await line.sequencer.chain(0)).mirroredThrough).toBe(count);
  });
}

async function shopTrail(after = 0): Promise<TrailEntry[]> {
  const { rows } = await AUDIT_LOG.getByName(SHOP_CHAIN).chain(after);
  return rows.map(({ text }) => JSON.parse(text) as TrailEntry);
}

describe("the chain of a sale", () => {
  it("tells of start and end in time when nobody is there, each once", async () => {
    const line = await openLine({ control: TO_COME, levels: [level(10, 1, 2)] });
    await mirrored(line, 1);
    await line.tick();
    expect(await alarmOf(line.sequencer)).toBe(TO_COME.startsAtMs);
    expect(await line.trail()).toMatchObject([
      { type: "created", detail: { definition: { saleId: line.saleId }, stock: { phone: 10 } } },
    ]);
    clock.set(TO_COME.startsAtMs);
    await line.tick();
    await mirrored(line, 2);
    await line.tick();
    expect(await alarmOf(line.sequencer)).toBe(TO_COME.endsAtMs);
    clock.set(TO_COME.endsAtMs + 1);
    await line.tick();
    await line.board();
    expect((await line.trail()).slice(1)).toMatchObject([
      {
        type: "started",
        actor: "system:clock",
        atMs: TO_COME.startsAtMs,
        detail: { ...TO_COME, stock: { phone: 10 } },
      },
      {
        type: "ended",
        actor: "system:clock",
        detail: { why: "time", endsAtMs: TO_COME.endsAtMs, levels: [level(10, 1, 2)] },
      },
    ]);
  });

  it("tells of a start that was moved when it comes, and not before", async () => {
    const line = await openLine({ control: TO_COME });
    const startsAtMs = TO_COME.startsAtMs + MINUTE_MS;
    await line.sequencer.change({ startsAtMs }, BY);
    clock.set(TO_COME.startsAtMs);
    await line.tick();
    expect(await line.trail()).toHaveLength(2);
    expect(await alarmOf(line.sequencer)).toBeLessThanOrEqual(startsAtMs);
    clock.set(startsAtMs);
    await line.tick();
    // A clock that goes back does not take it back, nor does anybody else.
    clock.set(startsAtMs - SECOND_MS);
    expect(await line.sequencer.change({ startsAtMs: startsAtMs + 1 }, BY)).toMatchObject({
      code: "order_state_conflict",
    });
    expect((await line.trail()).map(({ type }) => type)).toEqual(["created", "changed", "started"]);
  });

  it("tells who started a draft and who ended it", async () => {
    const line = await openLine({ control: { ...TO_COME, mode: "draft" } });
    const from = { address: "a1", device: "d1", traceparent: "00-1-2-01" };
    await line.sequencer.command("start", { ...BY, ...from });
    await line.sequencer.command("end", BY);
    expect((await line.trail()).slice(1)).toMatchObject([
      { type: "commanded", detail: { command: "start" }, ...BY, ...from },
      { type: "started", detail: { startsAtMs: NOON_MS }, ...BY, ...from },
      { type: "commanded", detail: { command: "end" }, ...BY },
      { type: "ended", detail: { why: "command", endsAtMs: NOON_MS }, ...BY },
    ]);
  });

  it("tells of what was called off before its start that it ended", async () => {
    const line = await openLine({ control: TO_COME });
    await line.sequencer.command("end", BY);
    clock.set(TO_COME.startsAtMs);
    await line.board();
    const types = (await line.trail()).map(({ type }) => type);
    expect(types).toEqual(["created", "commanded", "ended"]);
  });

  it("takes over what an older version wrote down, in its order, and goes on from there", async () => {
    const line = await openLine({ control: TO_COME });
    const atMs = NOON_MS - 1;
    const actions = [{ command: "pause" }, { name: "New" }, { revoke: 3 }, { queueAll: true }];
    await runInDurableObject(line.sequencer, (_, { storage }) => {
      storage.sql.exec("DELETE FROM trail");
      for (const action of actions)
        storage.sql.exec(
          "INSERT INTO audit (at_ms, actor, reason, action) VALUES (?, 'u_bea', 'Old.', ?)",
          atMs,
          JSON.stringify(action),
        );
    });
    await evictDurableObject(line.sequencer);
    // Whoever asks for the head, as the anchors do each minute, changes nothing.
    await line.sequencer.head();
    await mirrored(line, actions.length);
    await line.sequencer.adjust({ totalActiveUsers: 7 }, BY);
    const old = { atMs, actor: "u_bea", reason: "Old." };
    expect(await line.trail()).toMatchObject([
      { sequence: 1, type: "commanded", detail: { command: "pause" }, ...old },
      { sequence: 2, type: "changed", detail: { name: "New" }, ...old },
      { sequence: 3, type: "revoked", detail: { revoke: 3 }, ...old },
      { sequence: 4, type: "adjusted", detail: { queueAll: true }, ...old },
      { sequence: 5, type: "adjusted", detail: { totalActiveUsers: 7 }, ...BY },
    ]);
    const [row] = await rowsOf(line.sequencer, "SELECT count(*) AS count FROM audit");
    expect(row).toEqual({ count: 0 });
  });

  it("is chained from its first row on, reaches the database as it is, and is acknowledged", async () => {
    const line = await openLine();
    const { rows, head } = await line.sequencer.chain(0);
    let hash = GENESIS_HASH;
    for (const row of rows) {
      hash = chainHash(hash, row.text);
      expect(row.hash).toBe(hash);
    }
    expect(head).toEqual({ chain: saleChain(line.saleId), sequence: rows.length, hash });
    expect(await line.sequencer.head()).toEqual(head);
    const mirror = await mirrorOf(head.chain, rows.length);
    expect(mirror.map(({ body, hash }) => ({ text: body, hash }))).toEqual(
      rows.map(({ text, hash }) => ({ text, hash })),
    );
    await mirrored(line, rows.length);
  });
});

describe("the chain of the shop", () => {
  it("tells of products and sales, by whom, and once where nothing is new", async () => {
    const { sequence: before } = await AUDIT_LOG.getByName(SHOP_CHAIN).head();
    const wanted = product();
    const { productId } = wanted;
    await PURCHASE.createProduct(wanted, BY);
    await PURCHASE.createProduct(wanted, BY);
    await PURCHASE.changeProduct(productId, { name: "Phone 13" }, BY);
    expect(await PURCHASE.changeProduct("nothing", { name: "?" }, BY)).toMatchObject({ ok: false });
    const sale = await newSale({
      items: [{ sku: "told-1", productId, salePrice: { amount: 1, currency: "EUR" }, stock: 2 }],
    });
    await PURCHASE.createSale(sale, BY);
    await PURCHASE.createSale(sale, BY);
    await PURCHASE.changeSale(sale.saleId, { name: "Told" }, BY);
    await PURCHASE.changeSale(sale.saleId, { name: "Told" }, BY);
    const { saleId } = sale;
    expect(await shopTrail(before)).toMatchObject([
      { type: "product_created", detail: wanted, ...BY },
      { type: "product_changed", detail: { productId, changes: { name: "Phone 13" } }, ...BY },
      { type: "sale_created", detail: { definition: { saleId }, control: { version: 1 } }, ...BY },
      { type: "sale_renamed", detail: { saleId, name: "Told", before: sale.name }, ...BY },
    ]);
    const { sequence: after } = await AUDIT_LOG.getByName(SHOP_CHAIN).head();
    await mirrorOf(SHOP_CHAIN, after);
  });

  it("is written first: what cannot be told is not done", async () => {
    const unreachable = { getByName: () => ({ record: () => Promise.reject(new Error("Lost.")) }) };
    const env = { ...bindings, AUDIT_LOG: unreachable } as unknown as PurchaseEnv;
    const wanted = product();
    await expect(createProduct(env, wanted)).rejects.toThrow("Lost.");
    expect(await PURCHASE.product(wanted.productId)).toBeNull();
    await PURCHASE.createProduct(wanted);
    await expect(changeProduct(env, wanted.productId, { name: "New" })).rejects.toThrow("Lost.");
    expect(await PURCHASE.product(wanted.productId)).toEqual(wanted);
  });

  it("goes on after its object was lost with pages unsent: its alarm sends them", async () => {
    const log = AUDIT_LOG.getByName(SHOP_CHAIN);
    vi.spyOn(console, "warn").mockReturnValue();
    await log.record("product_created", { productId: "lost" }, BY);
    await evictDurableObject(log);
    const { sequence } = await AUDIT_LOG.getByName(SHOP_CHAIN).head();
    clock.advance(MINUTE_MS);
    expect(await runDurableObjectAlarm(AUDIT_LOG.getByName(SHOP_CHAIN))).toBe(true);
    await mirrorOf(SHOP_CHAIN, sequence);
  });
});

describe("the copies of the chains in the database", () => {
  it.each(["ledger_event", "audit_entry"])(
    "refuse to be changed or taken out: %s",
    async (table) => {
      const { definition } = await createSale();
      await mirrorOf(saleChain(definition.saleId), 2);
      await eventually(async () => {
        const counted = await DB.prepare(`SELECT count(*) AS count FROM ${table}`).first("count");
        expect(counted).toBeGreaterThan(0);
      });
      const refused = `${table} is append-only`;
      await expect(DB.prepare(`UPDATE ${table} SET body = '{}'`).run()).rejects.toThrow(refused);
      await expect(DB.prepare(`DELETE FROM ${table}`).run()).rejects.toThrow(refused);
    },
  );
});

describe("the proof of the books, over real objects", () => {
  it("holds from minute to minute, and tells the row that somebody changed", async () => {
    const { definition } = await createSale();
    const { saleId } = definition;
    const env = bindings as unknown as PurchaseEnv;
    const log = AUDIT_LOG.getByName(SHOP_CHAIN);
    await runEveryMinute(env, systemRuntime);
    const { sequence } = await log.head();
    expect(await shopTrail(sequence - 1)).toMatchObject([
      {
        type: "anchored",
        actor: "system:clock",
        detail: {
          heads: expect.arrayContaining([
            { chain: saleChain(saleId), sequence: 2, hash: expect.any(String) },
            { chain: itemChain(`${saleId}-phone`), sequence: 1, hash: expect.any(String) },
          ]),
        },
      },
    ]);
    await runEveryMinute(env, systemRuntime);
    expect(await log.head()).toMatchObject({ sequence });

    await mirrorOf(SHOP_CHAIN, sequence);
    expect(await findings()).toEqual([]);
    await runInDurableObject(bindings.QUEUE_SEQUENCER.getByName(saleId), (_, { storage }) => {
      storage.sql.exec("UPDATE trail SET text = replace(text, 'created', 'creAted')");
    });
    expect(await findings()).toEqual([
      { chain: saleChain(saleId), sequence: 1, kind: "changed", seenBy: "chain" },
      { chain: saleChain(saleId), sequence: 1, kind: "changed", seenBy: "mirror" },
    ]);
    const lines = await bindings.BOOKS.exportChains(null);
    expect(lines).toMatchObject({ ok: true, lines: expect.stringContaining('"chain":"shop"') });
  });
});

/** What the verification finds, over all its parts. */
async function findings() {
  const found = [];
  let cursor: string | null = null;
  do {
    const answer: Awaited<ReturnType<typeof bindings.BOOKS.verify>> =
      await bindings.BOOKS.verify(cursor);
    if (!answer.ok) throw new Error(answer.code);
    for (const { chain, sequence, kind, seenBy } of answer.verified.findings)
      found.push({ chain, sequence, kind, seenBy });
    ({ cursor } = answer.verified);
  } while (cursor !== null);
  return found;
}
