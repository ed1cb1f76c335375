import { describe, expect, it } from "vitest";
import type { BooksFigures, Difference } from "../../../domain/books/reconcile.ts";
import type {
  AttentionItem,
  Compared,
  ComparedNow,
  HistoryRow,
  Verified,
} from "./books-contract.ts";
import {
  actorText,
  comparedText,
  deedText,
  figureTexts,
  itemTitle,
  outcomeText,
  verifiedText,
} from "./books-text.ts";

const figures: BooksFigures = {
  events: 1_234,
  orders: 300,
  payments: 290,
  charges: 290,
  messages: 610,
  delivered: 610,
  unsettled: 0,
  units: { stock: 500, available: 200, held: 0, sold: 300 },
  money: {
    currency: "EUR",
    captured: 149_700,
    refunded: 49_900,
    confirmed: 99_800,
    inFlight: 0,
    byHand: 0,
    onDelivery: 0,
  },
};
const compared: Compared = {
  sku: "phone-1",
  at: "2026-11-22T12:00:00Z",
  ok: true,
  count: 0,
  figures,
};
const difference: Difference = {
  kind: "order_changed",
  table: "orders",
  key: "phone-1.x.y",
  field: "amount",
  expected: 49_900,
  found: 1,
};

it("shows figures a column, and sums only where there is a currency", () => {
  expect(figureTexts(compared)).toEqual([
    "1,234",
    "300",
    "290",
    "610",
    "€1,497",
    "€998",
    "€499",
    "€0",
  ]);
  const money = { ...figures.money, currency: null };
  expect(figureTexts({ ...compared, figures: { ...figures, money } }).slice(4)).toEqual(
    Array(4).fill("–"),
  );
});

it.each([
  [0, "clean"],
  [1, "1 difference"],
  [1_200, "1,200 differences"],
])("%i: %s", (count, words) => {
  expect(outcomeText({ count })).toBe(words);
});

describe("a comparison", () => {
  const clean: ComparedNow = { ...compared, differences: [] };

  it("that is clean says so, and what is left for the next one", () => {
    expect(comparedText([clean])).toMatch(/^Compared 1 article: .* agree\.$/);
    const moving = { ...clean, figures: { ...figures, unsettled: 3 } };
    expect(comparedText([clean, moving])).toMatch(
      /^Compared 2 articles: .* agree\. 3 that moved meanwhile are compared next time\.$/,
    );
  });

  it("that is not names the first row, with what it says and should", () => {
    const wrong: ComparedNow = { ...clean, ok: false, count: 2, differences: [difference] };
    expect(comparedText([wrong])).toBe(
      "Compared 1 article: 2 differences. orders phone-1.x.y is not what the order's events say (amount: it says 1, 49900 is expected).",
    );
  });
});

it("sums the parts of a proof up, and names the first break", () => {
  const part: Verified = { ok: true, chains: 2, rows: 1_000, findings: [], cursor: "next" };
  expect(verifiedText([part, part])).toBe(
    "The trail is whole: 2,000 rows of 4 chains follow from each other.",
  );
  const finding = { chain: "item/phone-1", sequence: 7, detail: "Its hash is another." };
  const broken: Verified = { ...part, ok: false, findings: [finding, finding] };
  expect(verifiedText([part, broken])).toBe(
    "The trail is broken: item/phone-1, row 7: Its hash is another. And 1 more.",
  );
});

it.each<[kind: string, sku: string | undefined, saleName: string | null, words: string]>([
  ["difference", "phone-1", "Drop", "The books differ: phone-1, Drop"],
  ["unreadable_event", "phone-1", null, "Unreadable event: phone-1"],
  ["unwritable_page", undefined, null, "Unwritable page"],
])("an item of %s, %s is called", (kind, sku, saleName, words) => {
  const item = { itemId: "1", kind, ...(sku === undefined ? {} : { sku }) } as AttentionItem;
  expect(itemTitle(item, saleName)).toBe(words);
});

it.each([
  ["staff:bea", "bea"],
  ["system:clock", "the clock"],
  ["shopper:g_1", "a shopper"],
  [undefined, "not recorded"],
])("%s is %s", (actor, words) => {
  expect(actorText(actor)).toBe(words);
});

it.each<[type: string, action: Record<string, unknown>, words: string | RegExp]>([
  ["commanded", { command: "pause" }, "Commanded: pause"],
  ["changed", { endsAtMs: 0 }, /^Changed: ends Thu, Jan 0?1, |^Changed: ends Wed, Dec 31, /],
  ["adjusted", { newUsersPerMinute: 60, message: null }, "Adjusted: new users per minute 60"],
  ["created", { definition: {} }, "Created"],
])("%s %j: %s", (type, action, words) => {
  expect(deedText({ sequence: 1, at: "", type, action } satisfies HistoryRow)).toMatch(words);
});
