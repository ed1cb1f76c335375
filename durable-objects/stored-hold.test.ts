import { expect, it } from "vitest";
import { lapsesAtMs, type Hold } from "../domain/purchase/hold.ts";
import { hold, payment } from "../test/system/support/samples.ts";
import { bodyOf, holdOf, type HoldRow } from "./stored-hold.ts";

/** The row of a hold with this text. */
function rowOf(stored: Hold, body: string): HoldRow {
  return {
    order_id: stored.orderId,
    shopper: stored.shopper,
    idempotency_key: stored.idempotencyKey,
    status: stored.status,
    quantity: stored.quantity,
    lapses_at_ms: lapsesAtMs(stored),
    body,
    address: stored.address ?? null,
    card: stored.card ?? null,
    postal_address: stored.postalAddress ?? null,
  };
}

it.each<[string, Hold]>([
  ["a new one", hold({ address: "network-1", traceparent: "00-purchase" })],
  [
    "one that is being paid",
    hold({
      status: "PAYMENT_PENDING",
      version: 2,
      updatedAtMs: 5,
      payment: payment(),
      card: "card-1",
      postalAddress: "home",
      checkouts: [{ idempotencyKey: "checkout-1", bodyHash: "body" }],
    }),
  ],
  ["one that lapsed", hold({ status: "EXPIRED", version: 2, updatedAtMs: 6 })],
  ["one with a doubt that was put right", hold({ status: "CONFIRMED", version: 3, suspicion: "" })],
])("a hold is read as it was written: %s", (_, stored) => {
  expect(holdOf(rowOf(stored, bodyOf(stored)))).toEqual(stored);
  expect(holdOf(rowOf(stored, JSON.stringify(stored)))).toEqual(stored);
});

it("the text of a new hold has nothing that a column has, and nothing that all new holds have", () => {
  const { number, bodyHash, total, createdAtMs } = hold();
  expect(JSON.parse(bodyOf(hold()))).toEqual({ number, bodyHash, total, createdAtMs });
});
