import { expect, it } from "vitest";
import { kindOf } from "../domain/messages/message.ts";
import type { LedgerType } from "../domain/purchase/ledger.ts";
import type { LedgerRow } from "./contract.ts";
import { KNOWN_TYPES } from "./ledger-rows.ts";
import { messagesDue, toldOf } from "./messages-due.ts";

const WITHOUT_ORDER = ["created", "restocked", "refused", "list_joined", "list_left"];

it.each([...KNOWN_TYPES, ...WITHOUT_ORDER])("%s: tells what the product tells", (type) => {
  expect(toldOf(type)).toBe(kindOf(type as LedgerType));
});

it("is due for each row about an order that tells something", () => {
  const row = (sequence: number, type: string, orderId: string | null) =>
    ({ sequence, type, orderId }) as LedgerRow;
  const ledger = [
    row(1, "created", null),
    row(2, "reserved", "o"),
    row(3, "payment_pending", "o"),
    row(4, "cash_confirmed", "o"),
  ];
  expect([...messagesDue("phone", ledger).values()]).toEqual([
    { id: "item/phone/2", kind: "reserved", orderId: "o" },
    { id: "item/phone/4", kind: "confirmed", orderId: "o" },
  ]);
});
