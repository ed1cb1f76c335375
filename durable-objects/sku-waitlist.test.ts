import { endsOf } from "./sku-tables.ts";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { WaitlistCommand } from "../domain/purchase/waitlist.ts";
import { eventually, useTestClock } from "../test/system/support/clock.ts";
import { readLedger } from "../test/system/support/ledger-check.ts";
import {
  alarmOf,
  bindings,
  createItem,
  levelOf,
  rowsOf,
  type ItemOptions,
} from "../test/system/support/objects.ts";
import {
  checkoutOf,
  control,
  HOUR_MS,
  NOON_MS,
  reservation,
  SECOND_MS,
} from "../test/system/support/samples.ts";
import type { Sku } from "./sku.ts";

const clock = useTestClock();

const BY = { actor: "u_admin", reason: "broken on arrival" };

/** Ada holds the only unit. */
async function soldOutItem(options: ItemOptions = {}): Promise<DurableObjectStub<Sku>> {
  const sku = await createItem({ stock: 1, ...options });
  const quantity = options.stock ?? 1;
  expect(await sku.reserve(reservation("ada", { quantity }))).toMatchObject({ ok: true });
  return sku;
}

const ADAS = "order-of-ada-key-1";

function waiter(shopper: string, number: number, changes: Partial<WaitlistCommand> = {}) {
  return { orderId: `offer-of-${shopper}`, shopper, number, quantity: 1, ...changes };
}

async function stateOf(sku: DurableObjectStub<Sku>, shopper: string): Promise<string> {
  const answer = await sku.waitlistPlace(shopper);
  return answer.ok ? `${answer.place.state} ${answer.place.position}` : answer.code;
}

async function typesOf(sku: DurableObjectStub<Sku>): Promise<string[]> {
  return (await sku.ledger(0)).map(({ type, order }) => `${type} ${order?.shopper ?? ""}`.trim());
}

describe("joining the list", () => {
  it("is for what is sold out, gives a place by number, and a repeat the same place", async () => {
    const sku = await createItem({ stock: 2 });
    expect(await sku.joinWaitlist(waiter("bob", 5))).toMatchObject({
      code: "order_state_conflict",
    });
    await sku.reserve(reservation("ada", { quantity: 2 }));
    const joined = await sku.joinWaitlist(waiter("bob", 5));
    expect(joined).toMatchObject({ ok: true, isNew: true, place: { position: 1, orderId: null } });
    await sku.joinWaitlist(waiter("cyd", 3));
    expect(await stateOf(sku, "bob")).toBe("waiting 2");
    const again = await sku.joinWaitlist(waiter("bob", 5, { orderId: "another" }));
    expect(again).toMatchObject({ isNew: false, place: { position: 2 } });
    const more = await sku.joinWaitlist(waiter("bob", 5, { orderId: "another", quantity: 2 }));
    expect(more).toMatchObject({ isNew: false, place: { position: 2, quantity: 2 } });
    expect((await sku.stats())?.waitlist).toMatchObject({ waiting: 2, offered: 0 });
    expect(
      (await sku.ledger(2)).map(({ type, number, quantity }) => [type, number, quantity]),
    ).toEqual([
      ["list_joined", 5, 1],
      ["list_joined", 3, 1],
      ["list_joined", 5, 2],
    ]);
  });

  it("is refused for a revoked number, over the limit, before the start and after the end", async () => {
    const sku = await soldOutItem({ perShopper: 1, control: { revoked: [9] } });
    const judge = async (command: WaitlistCommand) => {
      const answer = await sku.joinWaitlist(command);
      return answer.ok ? "ok" : answer.code;
    };
    expect(await judge(waiter("eve", 9))).toBe("ticket_invalid");
    expect(await judge(waiter("bob", 2, { quantity: 2 }))).toBe("limit_reached");
    expect(await judge(waiter("ada", 1))).toBe("limit_reached");
    await sku.applyControl(control({ version: 2, startsAtMs: NOON_MS + 1 }));
    expect(await judge(waiter("bob", 2))).toBe("sale_not_started");
    await sku.applyControl(control({ version: 3, mode: "ended" }));
    expect(await judge(waiter("bob", 2))).toBe("sale_ended");
    expect(await stateOf(sku, "bob")).toBe("not_found");
  });

  it("tells a refused purchase that the list takes people, until it is full", async () => {
    const sku = await soldOutItem();
    const refused = () => sku.reserve(reservation("dan"));
    expect(await refused()).toMatchObject({ code: "sold_out", waitlist: true });
    await runInDurableObject(sku, (_, state) => {
      state.storage.sql.exec("UPDATE item SET waiting = 10000");
    });
    expect(await refused()).toMatchObject({ code: "sold_out", waitlist: false });
    expect(await sku.joinWaitlist(waiter("bob", 2))).toMatchObject({
      code: "sold_out",
      waitlist: false,
    });
  });
});

describe("a unit that comes free", () => {
  it("is offered in the transaction that frees it: it is never available", async () => {
    const sku = await soldOutItem();
    await sku.joinWaitlist(waiter("bob", 7));
    await sku.joinWaitlist(waiter("cyd", 4));
    clock.advance(SECOND_MS);
    await sku.cancel(ADAS, "ada");
    expect(await levelOf(sku)).toEqual({ stock: 1, available: 0, held: 1, sold: 0 });
    expect(await sku.waitlistPlace("cyd")).toMatchObject({
      place: {
        state: "offered",
        position: null,
        orderId: "offer-of-cyd",
        offerExpiresAtMs: NOON_MS + 121 * SECOND_MS,
      },
    });
    expect(await sku.order("offer-of-cyd", "cyd")).toMatchObject({
      order: { status: "RESERVED", number: 4, quantity: 1, amount: 49_900 },
    });
    expect(await stateOf(sku, "bob")).toBe("waiting 1");
    const types = (await typesOf(sku)).filter((type) => type !== "list_joined");
    expect(types).toEqual(["created", "reserved ada", "cancelled ada", "offered cyd"]);
    expect((await readLedger(sku)).brokenAt).toBeNull();
    expect((await readLedger(sku)).level).toMatchObject({ available: 0, held: 1 });
  });

  it("goes on when the offer lapses, and when it is declined; who comes back stands behind", async () => {
    const sku = await soldOutItem();
    for (const [shopper, number] of [
      ["bob", 2],
      ["cyd", 3],
      ["dan", 4],
    ] as const)
      await sku.joinWaitlist(waiter(shopper, number));
    await sku.cancel(ADAS, "ada");
    clock.advance(120 * SECOND_MS);
    expect(await stateOf(sku, "bob")).toBe("lapsed null");
    await runDurableObjectAlarm(sku);
    expect(await stateOf(sku, "cyd")).toBe("offered null");
    const back = await sku.joinWaitlist(waiter("bob", 2, { orderId: "second-of-bob" }));
    expect(back).toMatchObject({ isNew: true, place: { position: 2 } });
    expect(await sku.leaveWaitlist("cyd")).toEqual({ ok: true });
    expect(await stateOf(sku, "cyd")).toBe("lapsed null");
    expect(await stateOf(sku, "dan")).toBe("offered null");
    await sku.checkout(
      "offer-of-dan",
      "dan",
      checkoutOf({ paymentMethod: "cod", paymentToken: "" }),
    );
    expect(await stateOf(sku, "dan")).toBe("offered null");
    expect(await stateOf(sku, "bob")).toBe("waiting 1");
    expect((await sku.stats())?.waitlist).toEqual({
      waiting: 1,
      offered: 0,
      bought: 1,
      lapsed: 2,
      left: 0,
    });
    await sku.refund("offer-of-dan", BY);
    expect(await sku.waitlistPlace("bob")).toMatchObject({
      place: { state: "offered", orderId: "second-of-bob" },
    });
  });

  it.each<[how: string, free: (sku: DurableObjectStub<Sku>) => Promise<unknown>]>([
    ["expires", async (sku) => (clock.advance(120 * SECOND_MS), sku.reserve(reservation("eve")))],
    [
      "comes back with a failed payment",
      async (sku) => {
        await sku.checkout(ADAS, "ada", checkoutOf());
        clock.advance(120 * SECOND_MS);
        await sku.paymentResult(ADAS, 1, { kind: "declined", reason: "card_declined" });
      },
    ],
    [
      "comes back at a payment's deadline",
      async (sku) => {
        await sku.checkout(ADAS, "ada", checkoutOf());
        clock.advance(90 * SECOND_MS);
        await runDurableObjectAlarm(sku);
      },
    ],
    [
      "is refunded",
      async (sku) => {
        await sku.checkout(ADAS, "ada", checkoutOf());
        await sku.paymentResult(ADAS, 1, { kind: "captured" });
        await sku.refund(ADAS, BY);
        await sku.paymentResult(ADAS, 1, { kind: "refunded" });
      },
    ],
    ["is restocked", (sku) => sku.restock(1, "found", "command-1")],
  ])("and %s is offered at once", async (_, free) => {
    const sku = await soldOutItem();
    await sku.joinWaitlist(waiter("bob", 2));
    await free(sku);
    expect(await stateOf(sku, "bob")).toBe("offered null");
    expect(await levelOf(sku)).toMatchObject({ available: 0 });
    expect((await readLedger(sku)).brokenAt).toBeNull();
  });

  it("is not overtaken by a purchase in the same batch", async () => {
    const sku = await soldOutItem();
    await sku.joinWaitlist(waiter("bob", 2));
    const [cancelled, bought] = await runInDurableObject(sku, (object) =>
      Promise.all([object.cancel(ADAS, "ada"), object.reserve(reservation("eve"))]),
    );
    expect(cancelled).toMatchObject({ ok: true });
    expect(bought).toMatchObject({ code: "sold_out", waitlist: true });
    expect(await stateOf(sku, "bob")).toBe("offered null");
  });

  it("goes to the first whose whole quantity is there, and is anybody's when nobody's is", async () => {
    const sku = await soldOutItem({ stock: 2 });
    await sku.joinWaitlist(waiter("bob", 2, { quantity: 2 }));
    await sku.restock(1, "found", "command-1");
    expect(await levelOf(sku)).toMatchObject({ available: 1 });
    await sku.joinWaitlist(waiter("cyd", 3, { quantity: 2 }));
    expect(await sku.joinWaitlist(waiter("dan", 4))).toMatchObject({
      code: "order_state_conflict",
    });
    expect(await sku.joinWaitlist(waiter("cyd", 3))).toMatchObject({
      isNew: false,
      place: { state: "offered", quantity: 1 },
    });
    await sku.restock(1, "found", "command-2");
    expect(await sku.reserve(reservation("eve"))).toMatchObject({ ok: true });
    await sku.cancel(ADAS, "ada");
    expect(await stateOf(sku, "bob")).toBe("offered null");
  });

  it("passes over who may not have it any more", async () => {
    const sku = await soldOutItem({ perShopper: 1 });
    await sku.joinWaitlist(waiter("bob", 2));
    await sku.joinWaitlist(waiter("cyd", 3));
    await sku.joinWaitlist(waiter("dan", 4));
    await sku.applyControl(control({ version: 2, revoked: [2] }));
    // Cyd buys elsewhere what the limit allows: by hand, since no purchase overtakes the list.
    await runInDurableObject(sku, (_, state) => {
      const { sql } = state.storage;
      sql.exec("UPDATE hold SET shopper = 'cyd', status = 'CONFIRMED'");
      sql.exec(`INSERT INTO hold_of_shopper SELECT ${endsOf("shopper")}, id FROM hold`);
    });
    await sku.restock(1, "found", "command-1");
    expect(await stateOf(sku, "bob")).toBe("lapsed null");
    expect(await stateOf(sku, "cyd")).toBe("lapsed null");
    expect(await stateOf(sku, "dan")).toBe("offered null");
    expect((await sku.stats())?.waitlist).toMatchObject({ waiting: 0, lapsed: 2, offered: 1 });
  });
});

describe("leaving the list", () => {
  it("gives the place up, as often as it is asked; coming back is a new entry", async () => {
    const sku = await soldOutItem();
    await sku.joinWaitlist(waiter("bob", 2));
    expect(await sku.leaveWaitlist("bob")).toEqual({ ok: true });
    expect(await sku.leaveWaitlist("bob")).toEqual({ ok: true });
    expect(await sku.leaveWaitlist("nobody")).toEqual({ ok: true });
    expect(await stateOf(sku, "bob")).toBe("not_found");
    expect((await sku.stats())?.waitlist).toMatchObject({ waiting: 0, left: 1 });
    await sku.cancel(ADAS, "ada");
    expect(await levelOf(sku)).toMatchObject({ available: 1 });
    await sku.reserve(reservation("eve"));
    const back = waiter("bob", 2, { orderId: "second-of-bob" });
    expect(await sku.joinWaitlist(back)).toMatchObject({ isNew: true });
  });

  it("waits for a payment that is under way", async () => {
    const sku = await soldOutItem();
    await sku.joinWaitlist(waiter("bob", 2));
    await sku.cancel(ADAS, "ada");
    await sku.checkout("offer-of-bob", "bob", checkoutOf());
    expect(await sku.leaveWaitlist("bob")).toMatchObject({ code: "order_state_conflict" });
    await sku.paymentResult("offer-of-bob", 1, { kind: "authorised" });
    expect(await sku.leaveWaitlist("bob")).toEqual({ ok: true });
    expect(await levelOf(sku)).toMatchObject({ sold: 1 });
  });
});

describe("the sale", () => {
  it("offers nothing while it is paused, and all of it in the transaction that resumes it", async () => {
    const sku = await soldOutItem({ perShopper: 5 });
    await sku.joinWaitlist(waiter("bob", 2));
    await sku.applyControl(control({ version: 2, mode: "paused" }));
    await sku.cancel(ADAS, "ada");
    expect(await sku.joinWaitlist(waiter("cyd", 1))).toMatchObject({ place: { position: 1 } });
    expect(await levelOf(sku)).toMatchObject({ available: 1 });
    await sku.applyControl(control({ version: 3 }));
    expect(await stateOf(sku, "cyd")).toBe("offered null");
    expect(await stateOf(sku, "bob")).toBe("waiting 1");
  });

  it("offers nothing after its end; then nobody waits any more", async () => {
    const sku = await soldOutItem({ control: { endsAtMs: NOON_MS + 60 * SECOND_MS } });
    await sku.joinWaitlist(waiter("bob", 2));
    clock.advance(120 * SECOND_MS);
    await runDurableObjectAlarm(sku);
    expect(await levelOf(sku)).toMatchObject({ available: 1, held: 0 });
    expect(await stateOf(sku, "bob")).toBe("lapsed null");
  });

  it("serves those who wait when its end is moved on", async () => {
    const sku = await soldOutItem({ control: { endsAtMs: NOON_MS + 60 * SECOND_MS } });
    await sku.joinWaitlist(waiter("bob", 2));
    clock.advance(120 * SECOND_MS);
    await runDurableObjectAlarm(sku);
    await sku.applyControl(control({ version: 2, endsAtMs: NOON_MS + HOUR_MS }));
    expect(await stateOf(sku, "bob")).toBe("offered null");
  });
});

describe("many who wait", () => {
  it("2,000 units for 2,000 go out in bounded steps by the alarm, and nobody overtakes", async () => {
    const sku = await soldOutItem();
    const crowd = Array.from({ length: 2_000 }, (_, index) => waiter(`w-${index}`, 2_000 - index));
    const joined = await runInDurableObject(sku, (object) =>
      Promise.all(crowd.map((command) => object.joinWaitlist(command))),
    );
    expect(joined.every(({ ok }) => ok)).toBe(true);
    await sku.restock(2_001, "a lorry", "command-1");
    const offered = async () => (await sku.stats())?.waitlist?.offered;
    expect(await offered()).toBe(500);
    expect(await alarmOf(sku)).toBe(NOON_MS + 1);
    expect(await sku.reserve(reservation("eve"))).toMatchObject({
      code: "sold_out",
      waitlist: true,
    });
    for (let step = 2; step <= 4; step++) {
      clock.advance(1);
      await runDurableObjectAlarm(sku);
      expect(await offered()).toBe(500 * step);
    }
    expect(await sku.reserve(reservation("eve"))).toMatchObject({ ok: true });
    const orders = (
      await rowsOf<{ number: number }>(
        sku,
        "SELECT event ->> '$.order.number' AS number FROM ledger WHERE type = 'offered' ORDER BY sequence",
      )
    ).map((row) => row.number);
    expect(orders).toEqual(orders.toSorted((a, b) => a - b));
    expect(orders).toHaveLength(2_000);
    expect((await readLedger(sku)).brokenAt).toBeNull();
  });
});

describe("what the sequencer hears", () => {
  it("is who waits and who is offered something, at once; everybody reads it on the board", async () => {
    const sku = await soldOutItem();
    const saleId = (await sku.stats())?.level.sku ?? "";
    const line = bindings.QUEUE_SEQUENCER.getByName(`sale-of-${saleId}`);
    const listed = async () => {
      const [level] = (await line.board())?.levels ?? [];
      return { waiting: level?.waiting, offered: level?.offered };
    };
    await sku.joinWaitlist(waiter("bob", 2));
    await sku.joinWaitlist(waiter("cyd", 3));
    await sku.cancel(ADAS, "ada");
    await eventually(async () => expect(await listed()).toEqual({ waiting: 1, offered: [2] }));
    const before = (await line.board())?.version ?? 0;
    await sku.leaveWaitlist("bob");
    await eventually(async () => expect(await listed()).toEqual({ waiting: 0, offered: [3] }));
    expect((await line.board())?.version).toBeGreaterThan(before);
  });
});
