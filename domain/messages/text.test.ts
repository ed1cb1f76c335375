import { describe, expect, it } from "vitest";
import { parseTime } from "../time.ts";
import type { MessageFacts, MessageKind } from "./message.ts";
import { messageText } from "./text.ts";

const EXPIRES_AT_MS = Date.UTC(2026, 10, 22, 12, 2, 0, 345);
const FACTS: MessageFacts = {
  quantity: 1,
  amount: 49_950,
  currency: "EUR",
  expiresAtMs: EXPIRES_AT_MS,
  paymentMethod: "card",
};
const NAMES = { saleName: "Friday drop", itemName: "Phone One" };

describe("the text of a message", () => {
  it.each<[MessageKind, string, string]>([
    [
      "reserved",
      "Reserved for you: Phone One",
      "You have reserved Phone One in “Friday drop”. Pay €499.50 until 2026-11-22 12:02:00Z, or it goes back to the sale.",
    ],
    [
      "offered",
      "Your turn has come: Phone One",
      "What you waited for in “Friday drop” is reserved for you now: Phone One. Pay €499.50 until 2026-11-22 12:02:00Z, or it goes to the next on the list.",
    ],
    [
      "confirmed",
      "Your order is confirmed: Phone One",
      "It is yours: Phone One from “Friday drop”. You pay €499.50.",
    ],
    [
      "failed",
      "Your payment did not go through: Phone One",
      "The payment for Phone One in “Friday drop” did not go through, and the reservation is over. Nothing stays charged.",
    ],
    [
      "expired",
      "Your reservation has expired: Phone One",
      "You had reserved Phone One in “Friday drop”, and it was not paid in time. Nothing was charged.",
    ],
    [
      "cancelled",
      "Your order is cancelled: Phone One",
      "Your order of Phone One in “Friday drop” is cancelled. You pay nothing.",
    ],
    [
      "refunded",
      "Your money is on its way back: Phone One",
      "Your order of Phone One in “Friday drop” is refunded. €499.50 has been sent back; your bank may take some days to show it.",
    ],
    [
      "sale_started",
      "It has started: Friday drop",
      "“Friday drop” has started, and you asked to be told. Take your place in line on its page.",
    ],
  ])("%s", (kind, subject, text) => {
    expect(messageText(kind, FACTS, NAMES)).toEqual({ subject, text });
  });

  it("says how many, and that cash is paid at the door", () => {
    const facts = { ...FACTS, quantity: 3, amount: 3_000, currency: "JPY", paymentMethod: "cod" };
    expect(messageText("confirmed", facts, NAMES)).toEqual({
      subject: "Your order is confirmed: 3 × Phone One",
      text: "It is yours: 3 × Phone One from “Friday drop”. You pay ¥3,000 when it is delivered.",
    });
  });

  it.each<[MessageKind, string]>([
    ["reserved", "You have reserved Phone One in “Friday drop”."],
    ["confirmed", "It is yours: Phone One from “Friday drop”."],
    [
      "refunded",
      "Your order of Phone One in “Friday drop” is refunded. Your money has been sent back; your bank may take some days to show it.",
    ],
  ])("leaves out what an event of another version lacks: %s", (kind, text) => {
    expect(messageText(kind, {}, NAMES).text).toBe(text);
  });

  it.each<[MessageFacts, string]>([
    [{ amount: 5, currency: "EUR" }, "It costs €0.05."],
    [
      { expiresAtMs: EXPIRES_AT_MS },
      "Pay until 2026-11-22 12:02:00Z, or it goes back to the sale.",
    ],
  ])("of a reservation of which only %o is known", (facts, last) => {
    expect(messageText("reserved", facts, NAMES).text).toBe(
      `You have reserved Phone One in “Friday drop”. ${last}`,
    );
  });

  it("names the deadline as RFC 3339, so that a page can show it in its reader's time", () => {
    const { text } = messageText("reserved", FACTS, NAMES);
    const [time = ""] = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z/.exec(text) ?? [];
    expect(parseTime(time.replace(" ", "T"))).toBe(EXPIRES_AT_MS - 345);
  });

  it("keeps a name on one line: a subject is a header of an e-mail", () => {
    const names = { saleName: "Friday\r\nBcc: eve@example.com", itemName: "\u0000Phone\tOne\n" };
    expect(messageText("sale_started", {}, names).subject).toBe(
      "It has started: Friday Bcc: eve@example.com",
    );
    expect(messageText("expired", {}, names).subject).toBe(
      "Your reservation has expired: Phone One",
    );
  });
});
