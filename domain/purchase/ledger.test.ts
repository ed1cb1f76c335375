import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment } from "../../test/system/support/samples.ts";
import {
  chainHash,
  encodeEvent,
  LEDGER_GENESIS_HASH,
  orderRow,
  type LedgerEvent,
} from "./ledger.ts";

const EVENT: LedgerEvent = {
  sequence: 2,
  atMs: NOON_MS,
  type: "reserved",
  quantity: 1,
  level: level(10, 1),
  order: orderRow("drop", "phone", hold()),
  reason: null,
};

describe("an event's text", () => {
  it("does not depend on the order in which its fields were made", () => {
    const { reason, order, level, quantity, type, atMs, sequence } = EVENT;
    const shuffled = { reason, order, level, quantity, type, atMs, sequence };
    expect(encodeEvent(shuffled)).toBe(encodeEvent(EVENT));
    expect(JSON.parse(encodeEvent(EVENT))).toEqual(EVENT);
  });

  it("leaves out what is no part of an event", () => {
    const wider = { ...EVENT, secret: "x" };
    expect(encodeEvent(wider)).toBe(encodeEvent(EVENT));
  });
});

describe("the hash chain", () => {
  it("is SHA-256 over the hash before and the text, from 64 zeros on", () => {
    const text = encodeEvent(EVENT);
    const expected = createHash("sha256")
      .update(`${"0".repeat(64)}\n${text}`)
      .digest("hex");
    expect(LEDGER_GENESIS_HASH).toBe("0".repeat(64));
    expect(chainHash(LEDGER_GENESIS_HASH, text)).toBe(expected);
  });

  it("changes with every byte of the text and of the hash before", () => {
    const text = encodeEvent(EVENT);
    const head = chainHash(LEDGER_GENESIS_HASH, text);
    expect(chainHash(LEDGER_GENESIS_HASH, text.replace('"quantity":1', '"quantity":2'))).not.toBe(
      head,
    );
    expect(chainHash("1".repeat(64), text)).not.toBe(head);
  });
});

describe("an order's row", () => {
  it("is the hold without its keys, with nothing of a payment before there is one", () => {
    expect(orderRow("drop", "phone", hold())).toEqual({
      orderId: "order-1",
      saleId: "drop",
      sku: "phone",
      shopper: "ada",
      number: 1,
      quantity: 1,
      amount: 49_900,
      currency: "EUR",
      status: "RESERVED",
      version: 1,
      createdAtMs: NOON_MS,
      expiresAtMs: NOON_MS + 120_000,
      updatedAtMs: NOON_MS,
      paymentState: null,
      paymentAttempts: 0,
      paymentError: null,
    });
  });

  it("says how the payment stands, and never its token", () => {
    const declined = payment({ state: "declined", attempt: 2, lastError: "card_declined" });
    const row = orderRow("drop", "phone", hold({ payment: declined }));
    expect(row).toMatchObject({
      paymentState: "declined",
      paymentAttempts: 2,
      paymentError: "card_declined",
    });
    expect(JSON.stringify(row)).not.toContain("tok_");
    expect(JSON.stringify(row)).not.toContain("key-1");
  });
});
