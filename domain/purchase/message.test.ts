import { describe, expect, it } from "vitest";
import type { LedgerType } from "./ledger.ts";
import { messageOf, type MessageTemplate } from "./message.ts";

describe("messages", () => {
  it.each<[LedgerType, MessageTemplate["kind"] | undefined]>([
    ["reserved", "reserved"],
    ["offered", "offered"],
    ["confirmed", "confirmed"],
    ["payment_failed", "failed"],
    ["expired", "expired"],
    ["cancelled", "cancelled"],
    ["created", undefined],
    ["restocked", undefined],
    ["payment_pending", undefined],
    ["payment_declined", undefined],
    ["captured", undefined],
    ["cash_confirmed", "confirmed"],
    ["called_off", "cancelled"],
    ["refunded", "refunded"],
    ...(
      ["action_required", "voiding", "voided", "refunding", "paid_back", "attention"] as const
    ).map((type): [LedgerType, undefined] => [type, undefined]),
    ["retried", undefined],
    ["resolved", undefined],
  ])("%s: %s", (type, kind) => {
    const message = messageOf(type);
    expect(message?.kind).toBe(kind);
    if (message) expect(message.subject).toMatch(/^Your .+/);
  });
});
