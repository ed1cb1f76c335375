import { describe, expect, test } from "vitest";
import type { AdminOrder } from "../contract.ts";
import { ApiProblem, NoAnswer } from "../problem.ts";
import { orderOf } from "../testing/orders.ts";
import {
  actionProblem,
  errorWords,
  methodWords,
  paymentWords,
  takenBackText,
  takingBack,
} from "./payment-text.ts";

function paid(status: string, changes: Partial<AdminOrder> = {}): AdminOrder {
  return { ...orderOf({ status: "CONFIRMED" }, { status }), paymentMethod: "card", ...changes };
}

describe("a payment in the table", () => {
  test.each<[AdminOrder, string, string]>([
    [orderOf(), "–", ""],
    [paid("refunding"), "Card", "Refunding"],
    [paid("refunded"), "Card", "Refunded"],
    [paid("on_delivery", { paymentMethod: "cod" }), "Cash on delivery", "To be collected"],
    [paid("voided", { paymentMethod: "cod" }), "Cash on delivery", "Called off"],
    [paid("voided"), "Card", "Voided"],
    [paid("of_tomorrow"), "Card", "Of tomorrow"],
  ])("%#: says how and how far", (order, method, words) => {
    expect([methodWords(order), paymentWords(order)]).toEqual([method, words]);
  });

  test("tells the last error in words", () => {
    expect(errorWords(orderOf({}, { lastError: "insufficient_funds" }))).toBe("Insufficient funds");
    expect(errorWords(orderOf())).toBe("");
  });
});

describe("an order", () => {
  test.each<[string, string, RegExp]>([
    ["captured", "Refund €499", /^€499 go back to the card\..*waiting list or on sale/],
    ["authorised", "Refund €499", /released/],
    ["on_delivery", "Call it off", /nothing has to be paid back/],
  ])("that is made and %s can be taken back", (status, yes, text) => {
    const way = takingBack(paid(status));
    expect(way?.yes).toBe(yes);
    expect(way?.text).toMatch(text);
  });

  test.each(["refunding", "voiding", "by_hand", "refunded"])(
    "whose payment is %s cannot be taken back again",
    (status) => {
      expect(takingBack(paid(status))).toBeNull();
    },
  );

  test.each(["RESERVED", "PAYMENT_PENDING", "EXPIRED", "REFUNDED", "CANCELLED"] as const)(
    "that is %s cannot be taken back",
    (status) => {
      expect(takingBack(paid("captured", { status }))).toBeNull();
    },
  );

  test.each<[AdminOrder, RegExp]>([
    [paid("refunding"), /refund of €499 is under way/],
    [paid("voiding"), /under way/],
    [paid("refunded", { status: "REFUNDED" }), /^€499 are refunded/],
    [paid("voided", { status: "CANCELLED", paymentMethod: "cod" }), /called off/],
  ])("%#: says what taking it back came to", (order, words) => {
    expect(takenBackText(order)).toMatch(words);
  });
});

describe("an action that failed says what to do", () => {
  const problem = (status: number, code: string, detail: string) =>
    new ApiProblem({ status, code, detail }, null);

  test.each<[unknown, RegExp]>([
    [new NoAnswer("lost"), /may have been done.*try again: nothing is done twice/],
    [
      problem(409, "order_state_conflict", "The order is EXPIRED."),
      /^The order is EXPIRED\..*look at it again/,
    ],
    [problem(403, "forbidden", "This needs the role operator."), /role operator\. Sign out/],
    [problem(503, "busy", "Busy."), /^Busy\. Try again in a moment/],
    [problem(404, "not_found", "Not found."), /^Not found\.$/],
    [new Error("Write a few words."), /^Write a few words\.$/],
  ])("%#", (error, words) => {
    expect(actionProblem(error)).toMatch(words);
  });
});
