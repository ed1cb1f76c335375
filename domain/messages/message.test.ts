import { describe, expect, it } from "vitest";
import type { LedgerType, OrderRow } from "../purchase/ledger.ts";
import { factsOf, kindOf, priorityOf, type MessageKind } from "./message.ts";

describe("what is told of an event", () => {
  it.each<[LedgerType, MessageKind | null]>([
    ["reserved", "reserved"],
    ["offered", "offered"],
    ["confirmed", "confirmed"],
    ["cash_confirmed", "confirmed"],
    ["payment_failed", "failed"],
    ["expired", "expired"],
    ["cancelled", "cancelled"],
    ["called_off", "cancelled"],
    ["refunded", "refunded"],
    ...(
      ["created", "restocked", "payment_pending", "payment_declined", "action_required"] as const
    ).map((type): [LedgerType, null] => [type, null]),
    ...(["captured", "voiding", "voided", "refunding", "paid_back"] as const).map(
      (type): [LedgerType, null] => [type, null],
    ),
    ...(["attention", "retried", "resolved", "refused", "list_joined", "list_left"] as const).map(
      (type): [LedgerType, null] => [type, null],
    ),
  ])("%s: %s", (type, kind) => {
    expect(kindOf(type)).toBe(kind);
  });

  it.each<[MessageKind, string]>([
    ["reserved", "high"],
    ["offered", "high"],
    ["confirmed", "normal"],
    ["failed", "normal"],
    ["expired", "normal"],
    ["cancelled", "normal"],
    ["refunded", "normal"],
    ["sale_started", "low"],
  ])("%s goes with %s priority", (kind, priority) => {
    expect(priorityOf(kind)).toBe(priority);
  });

  it("is made of quantity, total, deadline and method, and of nothing that names anybody", () => {
    const order = {
      orderId: "phone.1",
      shopper: "ada",
      quantity: 2,
      amount: 99_800,
      currency: "EUR",
      expiresAtMs: 5,
      paymentMethod: null,
    } as OrderRow;
    const facts = { quantity: 2, amount: 99_800, currency: "EUR", expiresAtMs: 5 };
    expect(factsOf(order)).toEqual(facts);
    expect(factsOf({ ...order, paymentMethod: "cod" })).toEqual({ ...facts, paymentMethod: "cod" });
  });
});
