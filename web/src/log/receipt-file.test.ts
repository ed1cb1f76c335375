import { expect, test } from "vitest";
import { keepReceipt } from "../kept-receipt.ts";
import {
  heldReceipt,
  HEADS_MAX,
  keepHeads,
  readReceiptFile,
  receiptFile,
  shownHeads,
} from "./receipt-file.ts";

const receipt = { leaf: '{"kind":"joined"}', index: 7, checkpoint: "origin\n8\nhead\n\n— sig\n" };
const ticketOf = (payload: unknown): string =>
  `v1.k1.${btoa(JSON.stringify(payload)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}.mac`;

test.each([
  ["drawn", ["s", 3, null, 1_000, "binding", 12], { number: null, index: 12 }],
  ["numbered", ["s", 3, 5, 1_000, "binding"], { number: 5, index: null }],
] as const)("what is kept of a place that is %s says whose it is", (saleId, payload, place) => {
  keepReceipt(saleId, { ticket: ticketOf(payload), receipt });
  expect(heldReceipt(saleId)).toEqual({ saleId, binding: "binding", ...place, receipt, heads: [] });
});

test.each(["", "v1.k1", "v1.k1.!.mac", ticketOf({ binding: "b" }), ticketOf(["s", 3, 5, 1])])(
  "the ticket %j says nothing",
  (ticket) => {
    keepReceipt("none", { ticket, receipt });
    expect(heldReceipt("none")).toBeNull();
  },
);

test("a receipt goes through its file, with the heads and without the ticket", () => {
  keepReceipt("file", { ticket: ticketOf(["file", 3, 5, 1_000, "binding"]), receipt });
  keepHeads("file", ["first", "second"]);
  const held = heldReceipt("file");
  expect(held?.heads).toEqual(["first", "second"]);
  const text = held === null ? "" : receiptFile(held);
  expect(readReceiptFile(text)).toEqual(held);
  expect(text).not.toContain("v1.k1");
});

test("of too many heads the oldest are dropped", () => {
  keepHeads(
    "many",
    Array.from({ length: HEADS_MAX + 2 }, (_, at) => `${at}`),
  );
  expect(shownHeads("many")).toHaveLength(HEADS_MAX);
  expect(shownHeads("many")[0]).toBe("2");
});

const file = { format: "ropeline-receipt/1", saleId: "s", binding: "b", receipt, heads: [] };
test.each([
  "",
  "null",
  JSON.stringify({ ...file, format: "ropeline-receipt/2" }),
  JSON.stringify({ ...file, receipt: { ...receipt, index: -1 } }),
  JSON.stringify({ ...file, heads: [1] }),
  JSON.stringify({ ...file, binding: undefined }),
])("%j is no receipt", (text) => {
  expect(readReceiptFile(text)).toBeNull();
});
