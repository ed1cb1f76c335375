import { expect, it } from "vitest";
import { differenceText } from "./reconcile-text.ts";

const CHANGED = { kind: "payment_changed", table: "payment", key: "phone-1.x.y:1" } as const;

it.each([
  [CHANGED, "payment phone-1.x.y:1 is not what the order's events say."],
  [
    { ...CHANGED, field: "state", expected: "declined", found: "captured" },
    "payment phone-1.x.y:1 is not what the order's events say (state: it says captured, declined is expected).",
  ],
  [
    { ...CHANGED, field: "error", found: null },
    "payment phone-1.x.y:1 is not what the order's events say (error: it says nothing).",
  ],
  [
    { ...CHANGED, field: "amount", expected: 49_900 },
    "payment phone-1.x.y:1 is not what the order's events say (amount: 49900 is expected).",
  ],
  [
    { ...CHANGED, field: "body", found: "a".repeat(61) },
    `payment phone-1.x.y:1 is not what the order's events say (body: it says ${"a".repeat(60)}…).`,
  ],
])("a difference names its row, its field and both values, where it has them", (given, text) => {
  expect(differenceText(given)).toBe(text);
});
