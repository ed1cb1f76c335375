import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { useTestClock } from "../test/system/support/clock.ts";
import { readLedger } from "../test/system/support/ledger-check.ts";
import { alarmOf, createItem, levelOf, rowsOf } from "../test/system/support/objects.ts";
import { alarmAsks } from "../test/system/support/payments.ts";
import { checkoutOf, NOON_MS, reservation, SECOND_MS } from "../test/system/support/samples.ts";
import { Sku, type SkuEnv } from "./sku.ts";

const clock = useTestClock();

const ORDER = "order-of-ada-key-1";

describe("a hold that expires", () => {
  it("arms the alarm for its expiry, or for the outbox before it", async () => {
    const sku = await createItem({ holdSeconds: 120 });
    await sku.reserve(reservation("ada"));
    expect(await alarmOf(sku)).toBe(NOON_MS + 5 * SECOND_MS);
    const quick = await createItem({ holdSeconds: 3 });
    await quick.reserve(reservation("ada"));
    expect(await alarmOf(quick)).toBe(NOON_MS + 3 * SECOND_MS);
  });

  it("is freed by the alarm, once, and not before its time", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    clock.advance(119_999);
    await runDurableObjectAlarm(sku);
    expect(await levelOf(sku)).toMatchObject({ available: 0, held: 1 });
    clock.advance(1);
    expect(await runDurableObjectAlarm(sku)).toBe(true);
    expect(await levelOf(sku)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
    await runDurableObjectAlarm(sku);
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { status: "EXPIRED", version: 2, updatedAtMs: NOON_MS + 120_000 },
    });
    expect((await sku.ledger(0)).map((event) => event.type)).toEqual([
      "created",
      "reserved",
      "expired",
    ]);
  });

  it("is freed for the next shopper without any alarm", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    clock.advance(120 * SECOND_MS);
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true });
    expect(await levelOf(sku)).toEqual({ stock: 1, available: 0, held: 1, sold: 0 });
    expect((await readLedger(sku)).brokenAt).toBeNull();
  });

  it.each(["checkout", "cancel"] as const)("refuses a %s that comes late", async (command) => {
    const sku = await createItem();
    await sku.reserve(reservation("ada"));
    clock.advance(120 * SECOND_MS);
    const answer =
      command === "cancel"
        ? await sku.cancel(ORDER, "ada")
        : await sku.checkout(ORDER, "ada", checkoutOf());
    expect(answer).toMatchObject({
      code: "order_state_conflict",
      detail: "The order is EXPIRED.",
    });
    expect(await levelOf(sku)).toMatchObject({ available: 10, held: 0 });
  });

  it("fails when a payment was declined before", async () => {
    const sku = await createItem();
    await sku.reserve(reservation("ada"));
    await sku.checkout(ORDER, "ada", checkoutOf());
    await sku.paymentResult(ORDER, 1, { kind: "declined", reason: "card_declined" });
    clock.advance(120 * SECOND_MS);
    expect(await alarmAsks(sku)).toEqual([]);
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { status: "PAYMENT_FAILED", paymentState: "declined" },
    });
    expect(await levelOf(sku)).toMatchObject({ available: 10, held: 0 });
  });

  it("comes in crowds: the alarm works a bounded batch and comes back for the rest", async () => {
    const sku = await createItem({ stock: 250 });
    await runInDurableObject(sku, (object) =>
      Promise.all(
        Array.from({ length: 250 }, (_, index) => object.reserve(reservation(`s-${index}`))),
      ),
    );
    clock.advance(120 * SECOND_MS);
    expect(await alarmAsks(sku)).toEqual([]);
    expect(await levelOf(sku)).toMatchObject({ available: 200, held: 50 });
    expect(await alarmOf(sku)).toBeLessThanOrEqual(clock.now() + 1);
    expect(await alarmAsks(sku)).toEqual([]);
    expect(await levelOf(sku)).toMatchObject({ available: 250, held: 0 });
  });
});

describe("a payment that is due", () => {
  async function payingItem() {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    await sku.checkout(ORDER, "ada", checkoutOf({ paymentToken: "tok_x" }));
    return sku;
  }

  it("is asked for at once, whole, with its next attempt stored first", async () => {
    const sku = await payingItem();
    expect(await alarmOf(sku)).toBeLessThanOrEqual(NOON_MS + SECOND_MS);
    const asked = await alarmAsks(sku);
    expect(asked).toMatchObject([
      {
        orderId: ORDER,
        attempt: 1,
        step: "authorise",
        token: "tok_x",
        amount: 49_900,
        currency: "EUR",
      },
    ]);
    const [row] = await rowsOf<{ asks_at_ms: number }>(sku, "SELECT asks_at_ms FROM hold");
    expect(row?.asks_at_ms).toBe(NOON_MS + 10 * SECOND_MS);
    expect(await alarmAsks(sku)).toEqual([]);
  });

  it("is asked for again when no answer came", async () => {
    const sku = await payingItem();
    await alarmAsks(sku);
    clock.advance(9_999);
    expect(await alarmAsks(sku)).toEqual([]);
    clock.advance(1);
    expect(await alarmAsks(sku)).toMatchObject([{ attempt: 1, step: "authorise" }]);
  });

  it("is asked for again after 1, 2, 4, 8 seconds while the provider does not know", async () => {
    const sku = await payingItem();
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000]) {
      expect(await alarmAsks(sku)).toHaveLength(1);
      await sku.paymentResult(ORDER, 1, { kind: "unknown" });
      // A pause is up to a fifth shorter or longer.
      clock.advance(pauseMs * 0.8 - 1);
      expect(await alarmAsks(sku)).toEqual([]);
      clock.advance(pauseMs * 0.4 + 1);
    }
    expect(await alarmAsks(sku)).toHaveLength(1);
  });

  it("is given up at its deadline: the unit is free, the provider is asked, the payment is voided", async () => {
    const sku = await payingItem();
    await alarmAsks(sku);
    clock.advance(90 * SECOND_MS);
    expect(await alarmAsks(sku)).toMatchObject([{ attempt: 1, step: "enquire", token: "tok_x" }]);
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { status: "PAYMENT_FAILED", paymentState: "voiding", paymentError: "timeout" },
    });
    expect(await levelOf(sku)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true });

    expect(await sku.paymentResult(ORDER, 1, { kind: "authorised" })).toEqual({
      ok: true,
      next: "void",
    });
    clock.advance(10 * SECOND_MS);
    expect(await alarmAsks(sku)).toMatchObject([{ step: "void" }]);
    await sku.paymentResult(ORDER, 1, { kind: "voided" });
    clock.advance(10 * SECOND_MS);
    expect(await alarmAsks(sku)).toEqual([]);
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { paymentState: "voided" } });
    expect(await levelOf(sku)).toMatchObject({ held: 1, sold: 0 });
  });

  it("that is authorised after its deadline, before any alarm, is voided", async () => {
    const sku = await payingItem();
    clock.advance(90 * SECOND_MS);
    expect(await sku.paymentResult(ORDER, 1, { kind: "authorised" })).toEqual({
      ok: true,
      next: "void",
    });
    expect(await levelOf(sku)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
  });

  it("and was authorised is captured, again and again until that is known", async () => {
    const sku = await payingItem();
    await alarmAsks(sku);
    await sku.paymentResult(ORDER, 1, { kind: "authorised" });
    expect(await alarmAsks(sku)).toEqual([]);
    clock.advance(10 * SECOND_MS);
    expect(await alarmAsks(sku)).toMatchObject([{ step: "capture", attempt: 1 }]);
    clock.advance(600 * SECOND_MS);
    expect(await alarmAsks(sku)).toMatchObject([{ step: "capture" }]);
    await sku.paymentResult(ORDER, 1, { kind: "captured" });
    clock.advance(600 * SECOND_MS);
    expect(await alarmAsks(sku)).toEqual([]);
    expect(await levelOf(sku)).toMatchObject({ sold: 1 });
  });

  it("comes in crowds: 100 messages a run, the rest at once after", async () => {
    const sku = await createItem({ stock: 150 });
    await runInDurableObject(sku, async (object) => {
      const shoppers = Array.from({ length: 150 }, (_, index) => `s-${index}`);
      await Promise.all(shoppers.map((shopper) => object.reserve(reservation(shopper))));
      await Promise.all(
        shoppers.map((shopper) =>
          object.checkout(`order-of-${shopper}-key-1`, shopper, checkoutOf()),
        ),
      );
    });
    const first = await alarmAsks(sku);
    expect(first).toHaveLength(100);
    expect(await alarmOf(sku)).toBeLessThanOrEqual(clock.now() + 1);
    const second = await alarmAsks(sku);
    const orders = new Set([...first, ...second].map((due) => due.orderId));
    expect(orders.size).toBe(150);
  });
});

describe("an order that is read", () => {
  it("has expired at its expiry, also when the alarm is late", async () => {
    const sku = await createItem();
    await sku.reserve(reservation("ada"));
    clock.advance(120 * SECOND_MS - 1);
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { status: "RESERVED" } });
    clock.advance(1);
    const read = await sku.order(ORDER, "ada");
    expect(read).toMatchObject({ order: { status: "EXPIRED", version: 2 } });
    await runDurableObjectAlarm(sku);
    expect(await sku.order(ORDER, "ada")).toEqual(read);
  });

  it("has failed at its payment's deadline", async () => {
    const sku = await createItem();
    await sku.reserve(reservation("ada"));
    await sku.checkout(ORDER, "ada", checkoutOf());
    clock.advance(90 * SECOND_MS);
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { status: "PAYMENT_FAILED", paymentState: "voiding" },
    });
  });
});

describe("payments and expiries that are due together", () => {
  it("do not wait for each other: a crowd of payments keeps no unit from the next shopper", async () => {
    const sku = await createItem({ stock: 301, holdSeconds: 200 });
    await runInDurableObject(sku, async (object) => {
      const shoppers = Array.from({ length: 300 }, (_, index) => `s-${index}`);
      await Promise.all(shoppers.map((shopper) => object.reserve(reservation(shopper))));
      await Promise.all(
        shoppers.map((shopper) =>
          object.checkout(`order-of-${shopper}-key-1`, shopper, checkoutOf()),
        ),
      );
      await Promise.all(
        shoppers.map((shopper) =>
          object.paymentResult(`order-of-${shopper}-key-1`, 1, { kind: "authorised" }),
        ),
      );
    });
    await sku.reserve(reservation("ada"));
    clock.advance(200 * SECOND_MS);
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true });
    expect(await alarmAsks(sku)).toHaveLength(100);
  });
});

describe("an item whose payments run faster", () => {
  /** What the item's code does under this time scale. */
  function scaled(sku: DurableObjectStub<Sku>, TIME_SCALE: string): Promise<string> {
    return runInDurableObject(sku, async (object, state) => {
      const { env } = object as unknown as { env: SkuEnv };
      const fast = await new Promise<Sku>((resolve) => {
        resolve(new Sku(state, { ...env, TIME_SCALE }));
      }).catch((error: unknown) => String(error));
      if (typeof fast === "string") return fast;
      await fast.checkout(ORDER, "ada", checkoutOf());
      return "started";
    });
  }

  it("gives a payment up so much sooner", async () => {
    const sku = await createItem();
    await sku.reserve(reservation("ada"));
    expect(await scaled(sku, "60")).toBe("started");
    clock.advance(9_999);
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { status: "PAYMENT_PENDING" } });
    clock.advance(1);
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { status: "PAYMENT_FAILED" } });
  });

  it("does not start with a scale that is none", async () => {
    const sku = await createItem();
    expect(await scaled(sku, "fast")).toContain(
      'The time scale must be a number from 1 to 1000, not "fast".',
    );
  });
});
