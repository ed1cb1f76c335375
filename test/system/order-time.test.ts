import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { useTestClock } from "./support/clock.ts";
import { createItem, levelOf } from "./support/objects.ts";
import { checkoutOf, reservation, SECOND_MS } from "./support/samples.ts";

const clock = useTestClock();

describe("what time does to an order", () => {
  it("voids an authorisation after the deadline, also when a crowd's deadlines are over at once", async () => {
    const sku = await createItem({ stock: 250 });
    const shoppers = Array.from({ length: 250 }, (_, index) => `s-${index}`);
    const orderOf = (shopper: string) => `order-of-${shopper}-key-1`;
    const next = await runInDurableObject(sku, async (object) => {
      await Promise.all(shoppers.map((shopper) => object.reserve(reservation(shopper))));
      await Promise.all(shoppers.map((s) => object.checkout(orderOf(s), s, checkoutOf())));
      clock.advance(90 * SECOND_MS);
      for (const s of shoppers)
        expect(object.order(orderOf(s), s)).toMatchObject({ order: { status: "PAYMENT_FAILED" } });
      const results = await Promise.all(
        shoppers.map((s) => object.paymentResult(orderOf(s), 1, { kind: "authorised" })),
      );
      return results.map((result) => (result.ok ? result.next : result.code));
    });
    expect(new Set(next)).toEqual(new Set(["void"]));
    expect(await levelOf(sku)).toMatchObject({ sold: 0 });
  });
  it("gives one content to one version of an order", async () => {
    const sku = await createItem();
    await sku.reserve(reservation("ada"));
    clock.advance(120 * SECOND_MS);
    const first = await sku.order("order-of-ada-key-1", "ada");
    clock.advance(SECOND_MS);
    expect(await sku.order("order-of-ada-key-1", "ada")).toEqual(first);
  });
});
