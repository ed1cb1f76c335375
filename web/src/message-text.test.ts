import { expect, it } from "vitest";
import { messageText } from "../../domain/messages/text.ts";
import { formatMoment } from "./format.ts";
import { messageWords } from "./message-text.ts";

it("shows the times of a message in the reader's own time zone", () => {
  const expiresAtMs = Date.UTC(2026, 10, 22, 12, 2);
  const names = { saleName: "Drop", itemName: "Phone" };
  const { text } = messageText("reserved", { expiresAtMs }, names);
  const moment = formatMoment(new Date(expiresAtMs).toISOString());
  expect(messageWords(text)).toBe(
    `You have reserved Phone in “Drop”. Pay until ${moment}, or it goes back to the sale.`,
  );
});

it("leaves a text without a time as it is", () => {
  expect(messageWords("It is yours: Phone 2026-11.")).toBe("It is yours: Phone 2026-11.");
});
