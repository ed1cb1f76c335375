import { describe, expect, it } from "vitest";
import type { PaymentOutcome } from "../domain/purchase/payment.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { createItem, levelOf, rowsOf } from "../test/system/support/objects.ts";
import { checkoutOf, reservation, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

const SHOPPERS = ["ada", "bob", "cyd"];
const orderOf = (shopper: string): string => `order-of-${shopper}-key-1`;

/** An item with a unit held by each of three shoppers. */
async function itemOf(limits: { perCard?: number; perPostalAddress?: number }) {
  const sku = await createItem(limits);
  for (const shopper of SHOPPERS) await sku.reserve(reservation(shopper));
  const pay = (shopper: string, means: object, key = "checkout-1") =>
    sku.checkout(orderOf(shopper), shopper, checkoutOf({ idempotencyKey: key, ...means }));
  const hear = (shopper: string, outcome: PaymentOutcome, attempt = 1) =>
    sku.paymentResult(orderOf(shopper), attempt, outcome);
  return { sku, pay, hear };
}

describe("units by card", () => {
  const refused = { ok: false, code: "limit_reached", scope: "card", limit: 1 };

  it("two checkouts at once with one card: one wins, and the other may pay with another", async () => {
    const { sku, pay } = await itemOf({ perCard: 1 });
    const answers = await Promise.all(SHOPPERS.map((shopper) => pay(shopper, { card: "card-1" })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.at(-1)).toMatchObject({ ...refused, held: 1, bought: 0 });
    expect(await sku.order(orderOf("cyd"), "cyd")).toMatchObject({ order: { status: "RESERVED" } });
    expect(await pay("cyd", { card: "card-2" })).toMatchObject({ ok: true });
    expect(await pay("ada", { card: "card-1" })).toEqual(answers[0]);
    expect(await levelOf(sku)).toMatchObject({ held: 3 });
  });

  it("count while they are paid, and for good once bought", async () => {
    const { pay, hear } = await itemOf({ perCard: 1 });
    await pay("ada", { card: "card-1" });
    await hear("ada", { kind: "authorised" });
    await hear("ada", { kind: "captured" });
    expect(await pay("bob", { card: "card-1" })).toMatchObject({ ...refused, held: 0, bought: 1 });
  });

  it("come back with a decline and with a payment that is given up", async () => {
    const { pay, hear } = await itemOf({ perCard: 1 });
    await pay("ada", { card: "card-1" });
    await hear("ada", { kind: "declined", reason: "card_declined" });
    expect(await pay("bob", { card: "card-1" })).toMatchObject({ ok: true });
    expect(await pay("ada", { card: "card-1" }, "checkout-2")).toMatchObject(refused);
    clock.advance(90 * SECOND_MS);
    expect(await pay("ada", { card: "card-1" }, "checkout-2")).toMatchObject({ ok: true });
  });

  it("ask for the card, and change nothing without it", async () => {
    const { sku, pay } = await itemOf({ perCard: 1 });
    expect(await pay("ada", {})).toEqual({ ok: false, code: "busy", needs: "card" });
    expect(await sku.order(orderOf("ada"), "ada")).toMatchObject({ order: { version: 1 } });
  });
});

describe("units by postal address", () => {
  it("are counted in the transaction, for cash and for cards alike", async () => {
    const { pay } = await itemOf({ perPostalAddress: 2 });
    const [ada, bob, cyd] = await Promise.all([
      pay("ada", { postalAddress: "home", paymentMethod: "cod", paymentToken: "" }),
      pay("bob", { postalAddress: "home" }),
      pay("cyd", { postalAddress: "home" }),
    ]);
    expect([ada?.ok, bob?.ok]).toEqual([true, true]);
    const refused = { code: "limit_reached", scope: "postal_address", held: 1, bought: 1 };
    expect(cyd).toMatchObject(refused);
    expect(await pay("cyd", { postalAddress: "office" })).toMatchObject({ ok: true });
  });
});

it("keeps no card and no address where none is limited, and tells the ledger of none", async () => {
  const means = { card: "card-1", postalAddress: "home" };
  const query = "SELECT card, postal_address, body FROM hold WHERE shopper = 'ada'";
  const open = await itemOf({});
  await open.pay("ada", means);
  expect(await rowsOf(open.sku, query)).toMatchObject([{ card: null, postal_address: null }]);
  expect(JSON.stringify(await rowsOf(open.sku, query))).not.toMatch(/card-1|home/);
  const limited = await itemOf({ perCard: 1, perPostalAddress: 1 });
  await limited.pay("ada", means);
  expect(await rowsOf(limited.sku, query)).toMatchObject([
    { card: "card-1", postal_address: "home" },
  ]);
  expect(JSON.stringify(await limited.sku.ledger(0))).not.toMatch(/card-1|home/);
});
