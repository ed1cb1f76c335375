import { createHash } from "node:crypto";
import {
  array,
  assert,
  constant,
  constantFrom,
  integer,
  maxSafeNat,
  nat,
  option,
  property,
  record,
  shuffledSubarray,
  string,
  tuple,
  type Arbitrary,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment } from "../../test/system/support/samples.ts";
import { chainHash, GENESIS_HASH } from "../books/chain.ts";
import type { OrderStatus } from "./hold.ts";
import { decodeEvent, encodeEvent, orderRow, type LedgerEvent, type LedgerType } from "./ledger.ts";

const EVENT: LedgerEvent = {
  sequence: 2,
  atMs: NOON_MS,
  type: "reserved",
  quantity: 1,
  level: level(10, 1),
  order: orderRow("drop", "phone", hold()),
  reason: null,
};

const anyText = string({ unit: "binary" });
const anyOrder = record({
  shopper: anyText,
  quantity: integer({ min: 1, max: 100 }),
  status: constantFrom<OrderStatus>("RESERVED", "CONFIRMED", "PAYMENT_FAILED"),
  version: nat(),
  payment: option(
    record({ attempt: nat(3), lastError: option(anyText) }).map((changes) => payment(changes)),
  ),
}).map((changes) => orderRow("drop", "phone", hold(changes)));
const anyEvent: Arbitrary<LedgerEvent> = record({
  sequence: maxSafeNat(),
  atMs: maxSafeNat(),
  type: constantFrom<LedgerType>("created", "restocked", "reserved", "confirmed", "expired"),
  quantity: integer(),
  level: tuple(nat(), nat(), nat()).map(([stock, held, sold]) => level(stock, held, sold)),
  order: option(anyOrder),
  reason: option(anyText),
});

/** Every value that differs from `value` in one field, at any depth. */
function* withOneFieldChanged(value: object): Generator<object> {
  for (const [name, field] of Object.entries(value) as [string, unknown][]) {
    if (typeof field === "number") yield { ...value, [name]: field + (field < 0 ? 1 : -1) };
    else if (typeof field === "string") yield { ...value, [name]: `${field}.` };
    else if (field === null) yield { ...value, [name]: "null" };
    else if (typeof field === "object") {
      yield { ...value, [name]: null };
      for (const changed of withOneFieldChanged(field)) yield { ...value, [name]: changed };
    }
  }
}

function headOf(events: readonly LedgerEvent[]): string {
  return events.reduce((head, event) => chainHash(head, encodeEvent(event)), GENESIS_HASH);
}

describe("an event's text", () => {
  it("does not depend on the order in which its fields were made, and is read back", () => {
    const anyShuffled = anyEvent.chain((event) => {
      const fields = Object.entries(event);
      return tuple(
        constant(event),
        shuffledSubarray(fields, { minLength: fields.length }).map(
          (shuffled) => Object.fromEntries(shuffled) as unknown as LedgerEvent,
        ),
      );
    });
    assert(
      property(anyShuffled, ([event, shuffled]) => {
        expect(encodeEvent(shuffled)).toBe(encodeEvent(event));
        expect(decodeEvent(encodeEvent(event))).toEqual(event);
      }),
    );
  });

  it("leaves out what is no part of an event, and what is null", () => {
    const wider = { ...EVENT, secret: "x" };
    expect(encodeEvent(wider)).toBe(encodeEvent(EVENT));
    expect(encodeEvent(EVENT)).not.toContain("null");
    expect(encodeEvent({ ...EVENT, order: null })).toContain('"order":null');
  });

  it("is read as well where a version before this one wrote what is null", () => {
    expect(decodeEvent(JSON.stringify(EVENT))).toEqual(EVENT);
  });
});

describe("the hash chain", () => {
  it("is SHA-256 over the hash before and the text, from 64 zeros on", () => {
    const text = encodeEvent(EVENT);
    const expected = createHash("sha256")
      .update(`${"0".repeat(64)}\n${text}`)
      .digest("hex");
    expect(GENESIS_HASH).toBe("0".repeat(64));
    expect(chainHash(GENESIS_HASH, text)).toBe(expected);
  });

  it("changes with every field of an event, of its counters and of its order", () => {
    assert(
      property(anyEvent, (event) => {
        const events = [event, ...(withOneFieldChanged(event) as Iterable<LedgerEvent>)];
        const heads = new Set(events.map((other) => headOf([other])));
        expect(heads.size).toBe(events.length);
      }),
    );
  });

  it("changes when any row is left out, doubled or swapped with the next", () => {
    assert(
      property(array(anyEvent, { minLength: 1, maxLength: 5 }), (events) => {
        const texts = new Set<string>();
        const heads = new Set<string>();
        for (const [at, event] of events.entries()) {
          const before = events.slice(0, at);
          const after = events.slice(at + 1);
          const swapped = [...before, ...after.slice(0, 1), event, ...after.slice(1)];
          for (const rows of [
            events,
            [...before, ...after],
            [...before, event, ...events.slice(at)],
            swapped,
          ]) {
            texts.add(JSON.stringify(rows));
            heads.add(headOf(rows));
          }
        }
        expect(heads.size).toBe(texts.size);
      }),
    );
  });

  it("changes with every byte of the text and of the hash before", () => {
    const text = encodeEvent(EVENT);
    const head = chainHash(GENESIS_HASH, text);
    expect(chainHash(GENESIS_HASH, text.replace('"quantity":1', '"quantity":2'))).not.toBe(head);
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
      paymentMethod: null,
      paymentAttention: null,
      paymentActionUrl: null,
      paymentDeadlineMs: null,
    });
  });

  it("says how the payment stands, and never its token", () => {
    const declined = payment({ state: "declined", attempt: 2, lastError: "card_declined" });
    const row = orderRow("drop", "phone", hold({ payment: declined }));
    expect(row).toMatchObject({
      paymentState: "declined",
      paymentAttempts: 2,
      paymentError: "card_declined",
      paymentMethod: "card",
    });
    expect(JSON.stringify(row)).not.toContain("tok_");
    expect(JSON.stringify(row)).not.toContain("key-1");
  });

  it("says until when a payment under way may stay unknown", () => {
    const due = payment({ deadlineMs: NOON_MS + 90_000 });
    const deadlineOf = (status: OrderStatus): unknown =>
      orderRow("drop", "phone", hold({ status, payment: due })).paymentDeadlineMs;
    expect(deadlineOf("PAYMENT_PENDING")).toBe(NOON_MS + 90_000);
    expect(deadlineOf("CONFIRMED")).toBeNull();
  });
});
