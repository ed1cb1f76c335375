import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "./catalogue.ts";
import { eventsDocument } from "./document.ts";
import { DomainEvent } from "./schemas.ts";
import versionOne from "./testing/version-1.json" with { type: "json" };

const TYPES = DomainEvent.options.map(({ shape }) => shape.type.value);

describe("the catalogue", () => {
  it.each(TYPES)("has an example of %s that is one", (type) => {
    const { schema, example } = CATALOGUE[type];
    expect(schema.parse(example)).toEqual(example);
    expect(DomainEvent.parse(example)).toEqual(example);
    expect(example.type).toBe(type);
  });

  it("is what docs/events.md says: `npm run events` writes it anew", async () => {
    const page = await readFile(`${import.meta.dirname}/../../../docs/events.md`, "utf8");
    expect(page).toBe(eventsDocument());
  });

  it.each(
    [
      "FlashSaleStarted PurchaseAttempted InventoryReserved ReservationFailed PaymentProcessed PaymentConfirmed",
      "PaymentFailed PurchaseCompleted OrderConfirmed OrderCreated OrderCreationFailed PaymentRefundRequest",
      "FlashSaleStockReserved FlashSalePurchaseFailed reservation.request reservation.created",
      "reservation.expired checkout.requested payment.request payment.succeeded payment.failed",
      "order.confirmed order.failed order.created",
    ].flatMap((names) => names.split(" ")),
  )("says what %s is here", (name) => {
    expect(eventsDocument()).toMatch(new RegExp(`[\`[]${name.replace(".", "\\.")}[\`\\]]`));
  });
});

describe("an event of version 1, as it was first written", () => {
  it("is there of every type", () => {
    expect(versionOne.map(({ type }) => type)).toEqual(TYPES);
  });

  it.each(versionOne.map((event) => [event.type, event]))("is still read: %s", (_, event) => {
    expect(DomainEvent.parse(event)).toEqual(event);
  });

  it.each(versionOne.map((event) => [event.type, event]))(
    "is read with fields that nobody knows, and without those that may be missing: %s",
    (_, event) => {
      const {
        traceparent: _trace,
        sku: _sku,
        ...bare
      } = event as typeof event & Record<string, unknown>;
      const { reason: _reason, ...data } = event.data as Record<string, unknown>;
      const newer = { ...bare, data: { ...data, mood: "good" }, weather: "fine" };
      expect(DomainEvent.parse(newer)).toEqual({ ...bare, data });
    },
  );

  it.each(versionOne.map((event) => [event.type, event]))(
    "is not another version: %s",
    (_, event) => {
      expect(DomainEvent.safeParse({ ...event, version: 2 }).success).toBe(false);
    },
  );
});
