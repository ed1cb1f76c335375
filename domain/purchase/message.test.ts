import { describe, expect, it } from "vitest";
import type { LedgerType } from "./ledger.ts";
import { messageOf, type MessageTemplate } from "./message.ts";

describe("messages", () => {
  it.each<[LedgerType, MessageTemplate["kind"] | undefined]>([
    ["reserved", "reserved"],
    ["confirmed", "confirmed"],
    ["payment_failed", "failed"],
    ["expired", "expired"],
    ["cancelled", "cancelled"],
    ["created", undefined],
    ["restocked", undefined],
    ["payment_pending", undefined],
    ["payment_declined", undefined],
    ["captured", undefined],
    ["voided", undefined],
  ])("%s: %s", (type, kind) => {
    const message = messageOf(type);
    expect(message?.kind).toBe(kind);
    if (message) expect(message.subject).toMatch(/^Your .+/);
  });
});
