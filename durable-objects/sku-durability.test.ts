import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { eventually, useTestClock } from "../test/system/support/clock.ts";
import { readLedger } from "../test/system/support/ledger-check.ts";
import { openLine } from "../test/system/support/lines.ts";
import { bindings, createItem, levelOf, rowsOf } from "../test/system/support/objects.ts";
import { checkoutOf, control, reservation, SECOND_MS } from "../test/system/support/samples.ts";
import type { Sku } from "./sku.ts";

const clock = useTestClock();

/** How far the consumer has acknowledged the ledger, and how far the ledger goes. */
async function marksOf(sku: DurableObjectStub<Sku>) {
  const [row] = await rowsOf<{ sequence: number; projected: number; reported: number }>(
    sku,
    `SELECT sequence, projected_through AS projected, reported_through AS reported FROM item`,
  );
  return row;
}

describe("an item that was lost with its memory", () => {
  it("has everything that was acknowledged: holds, orders, payments, control, counters", async () => {
    const sku = await createItem({ stock: 10 });
    const first = await sku.reserve(reservation("ada"));
    await sku.reserve(reservation("bob"));
    await sku.checkout("order-of-bob-key-1", "bob", checkoutOf());
    await sku.reserve(reservation("cyd"));
    await sku.checkout("order-of-cyd-key-1", "cyd", checkoutOf());
    await sku.paymentResult("order-of-cyd-key-1", 1, { kind: "authorised" });
    await sku.restock(5, "a box", "command-1");
    await sku.applyControl(control({ mode: "paused", version: 2 }));
    const ledger = await sku.ledger(0);
    const orders = await Promise.all(
      ["ada", "bob", "cyd"].map((shopper) => sku.order(`order-of-${shopper}-key-1`, shopper)),
    );

    await abortAllDurableObjects();

    const again = bindings.SKU.get(sku.id);
    expect(await levelOf(again)).toEqual({ stock: 15, available: 12, held: 2, sold: 1 });
    expect(await again.ledger(0)).toEqual(ledger);
    for (const [index, shopper] of ["ada", "bob", "cyd"].entries())
      expect(await again.order(`order-of-${shopper}-key-1`, shopper)).toEqual(orders[index]);
    expect(await again.reserve(reservation("ada"))).toEqual(first);
    expect(await again.reserve(reservation("dan"))).toMatchObject({ code: "sale_paused" });
    expect(await again.restock(5, "a box", "command-1")).toMatchObject({ level: { stock: 15 } });
    expect((await readLedger(again)).brokenAt).toBeNull();
  });

  it("has its waiting list, and goes on with it", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    for (const [shopper, number] of [
      ["bob", 2],
      ["cyd", 3],
    ] as const)
      await sku.joinWaitlist({ orderId: `offer-of-${shopper}`, shopper, number, quantity: 1 });
    await abortAllDurableObjects();
    const again = bindings.SKU.get(sku.id);
    expect(await again.waitlistPlace("cyd")).toMatchObject({ place: { position: 2 } });
    await again.cancel("order-of-ada-key-1", "ada");
    await abortAllDurableObjects();
    const third = bindings.SKU.get(sku.id);
    expect(await third.waitlistPlace("bob")).toMatchObject({ place: { state: "offered" } });
    expect(await third.waitlistPlace("cyd")).toMatchObject({ place: { position: 1 } });
  });

  it("starts its counters of calls anew", async () => {
    const sku = await createItem();
    await sku.reserve(reservation("ada"));
    await abortAllDurableObjects();
    const stats = await bindings.SKU.get(sku.id).stats();
    expect(stats).toMatchObject({ calls: { "admin.stats": 1 }, commits: 0, commands: 0 });
  });

  it("still has its alarm: holds expire", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    await abortAllDurableObjects();
    clock.advance(120 * SECOND_MS);
    const again = bindings.SKU.get(sku.id);
    expect(await runDurableObjectAlarm(again)).toBe(true);
    expect(await levelOf(again)).toMatchObject({ available: 1, held: 0 });
  });

  it("sends from its alarm what its timers did not", async () => {
    const sku = await createItem();
    await sku.reserve(reservation("ada"));
    await abortAllDurableObjects();
    const again = bindings.SKU.get(sku.id);
    clock.advance(5 * SECOND_MS);
    expect(await runDurableObjectAlarm(again)).toBe(true);
    await eventually(async () => {
      expect(await marksOf(again)).toMatchObject({ sequence: 2, projected: 2, reported: 2 });
    });
  });
});

describe("an item that was put to sleep after its sale", () => {
  it("has everything when it wakes", async () => {
    const line = await openLine();
    const sku = await createItem({ saleId: line.saleId });
    const first = await sku.reserve(reservation("ada"));
    const ended = await line.sequencer.command("end");
    if (!ended.ok) throw new Error("A running sale can end.");
    await sku.applyControl(ended.control);
    await eventually(async () => {
      expect(await marksOf(sku)).toMatchObject({ sequence: 2, projected: 2, reported: 2 });
    });

    await evictDurableObject(sku);

    expect(await sku.reserve(reservation("ada"))).toEqual(first);
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ code: "sale_ended" });
    expect(await sku.stats()).toMatchObject({ commits: 2, calls: { "shopper.reserve": 2 } });
    expect(await levelOf(sku)).toMatchObject({ available: 9, held: 1 });
  });
});

describe("what was not acknowledged", () => {
  it("happened whole or not at all when the object is lost in the middle", async () => {
    const sku = await createItem({ stock: 100 });
    const told = new Set<string>();
    const calls = Array.from({ length: 60 }, async (_, index) => {
      const answer = await sku.reserve(reservation(`s-${index}`));
      if (answer.ok) told.add(answer.orderId);
    });
    await Promise.all(calls.slice(0, 20));
    await abortAllDurableObjects();
    await Promise.allSettled(calls);

    const again = bindings.SKU.get(sku.id);
    const level = await levelOf(again);
    const holds = await rowsOf<{ order_id: string }>(again, "SELECT order_id FROM hold");
    expect(level.held).toBe(holds.length);
    expect(told.size).toBeGreaterThanOrEqual(20);
    const stored = new Set(holds.map((hold) => hold.order_id));
    for (const orderId of told) expect(stored).toContain(orderId);
    expect((await readLedger(again)).brokenAt).toBeNull();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => again.reserve(reservation(`s-${index}`))),
    );
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(await levelOf(again)).toMatchObject({ held: 60 });
  });
});

describe("the way out", () => {
  it("ends when everyone has acknowledged, and the alarm rests", async () => {
    const sku = await createItem({ holdSeconds: 1 });
    await sku.reserve(reservation("ada"));
    clock.advance(SECOND_MS);
    await runDurableObjectAlarm(sku);
    await eventually(async () => {
      expect(await marksOf(sku)).toMatchObject({ sequence: 3, projected: 3, reported: 3 });
    });
    clock.advance(5 * SECOND_MS);
    await runDurableObjectAlarm(sku);
    expect(await runDurableObjectAlarm(sku)).toBe(false);
    expect((await sku.stats())?.calls).toMatchObject({ "shopper.reserve": 1 });
  });

  it("survives a queue that is down: everything is sent when it is back", async () => {
    const sku = await createItem();
    const warnings = vi.spyOn(console, "warn").mockReturnValue();
    const restore = await runInDurableObject(sku, (object) => {
      const { env } = object as unknown as { env: { LEDGER_QUEUE: Queue } };
      const queue = env.LEDGER_QUEUE;
      env.LEDGER_QUEUE = {
        send: () => Promise.reject(new Error("the queue is down")),
      } as unknown as Queue;
      return () => {
        env.LEDGER_QUEUE = queue;
      };
    });
    await sku.reserve(reservation("ada"));
    await eventually(async () => {
      expect(warnings).toHaveBeenCalledWith({
        event: "sku.page.failed",
        error: "Error: the queue is down",
      });
    });
    expect(await marksOf(sku)).toMatchObject({ sequence: 2, projected: 0 });
    warnings.mockRestore();
    restore();
    clock.advance(5 * SECOND_MS);
    await runDurableObjectAlarm(sku);
    await eventually(async () => {
      expect(await marksOf(sku)).toMatchObject({ sequence: 2, projected: 2 });
    });
  });

  it("may be acknowledged by a page at a time, in any order, never over a gap", async () => {
    const sku = await createItem();
    const marks = await runInDurableObject(sku, async (object, { storage }) => {
      await Promise.all(["ada", "bob", "cyd"].map((s) => object.reserve(reservation(s))));
      const seen: unknown[] = [];
      for (const [from, through] of [
        [3, 4],
        [1, 2],
        [3, 4],
        [1, 2],
      ] as const) {
        object.acked(from, through);
        seen.push(storage.sql.exec("SELECT projected_through AS p FROM item").one()["p"]);
      }
      return seen;
    });
    expect(marks).toEqual([0, 4, 4, 4]);
    expect((await sku.stats())?.calls).toMatchObject({ "system.acked": 4 });
  });
});
