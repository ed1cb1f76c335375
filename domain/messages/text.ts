import { formatMoney } from "../money.ts";
import { formatTime } from "../time.ts";
import type { MessageFacts, MessageKind } from "./message.ts";

/** What is not in the event and looked up when the text is made. */
export interface MessageNames {
  saleName: string;
  /** `null` where a message is about no item. */
  itemName: string | null;
}

/** A message as people read it. */
export interface MessageText {
  subject: string;
  /** Plain text. Times are RFC 3339 in UTC with a space in the middle: `2026-11-22 12:02:00Z`. */
  text: string;
}

/** Control characters, which would end a header line of an e-mail. */
const CONTROL = /\p{Cc}+/gu;

/** Writes a message. What its event does not tell is left out of its sentences. */
export function messageText(
  kind: MessageKind,
  facts: MessageFacts,
  { saleName, itemName }: MessageNames,
): MessageText {
  const sale = oneLine(saleName);
  const what = units(facts, oneLine(itemName ?? ""));
  const { subject, sentences } = written(kind, facts, what, sale);
  return { subject, text: sentences.filter((sentence) => sentence !== "").join(" ") };
}

function written(
  kind: MessageKind,
  facts: MessageFacts,
  what: string,
  sale: string,
): { subject: string; sentences: string[] } {
  const money = total(facts);
  switch (kind) {
    case "reserved":
      return {
        subject: `Reserved for you: ${what}`,
        sentences: [
          `You have reserved ${what} in “${sale}”.`,
          payBy(facts, money, "it goes back to the sale"),
        ],
      };
    case "offered":
      return {
        subject: `Your turn has come: ${what}`,
        sentences: [
          `What you waited for in “${sale}” is reserved for you now: ${what}.`,
          payBy(facts, money, "it goes to the next on the list"),
        ],
      };
    case "confirmed":
      return {
        subject: `Your order is confirmed: ${what}`,
        sentences: [`It is yours: ${what} from “${sale}”.`, paid(facts, money)],
      };
    case "failed":
      return {
        subject: `Your payment did not go through: ${what}`,
        sentences: [
          `The payment for ${what} in “${sale}” did not go through, and the reservation is over.`,
          "Nothing stays charged.",
        ],
      };
    case "expired":
      return {
        subject: `Your reservation has expired: ${what}`,
        sentences: [
          `You had reserved ${what} in “${sale}”, and it was not paid in time.`,
          "Nothing was charged.",
        ],
      };
    case "cancelled":
      return {
        subject: `Your order is cancelled: ${what}`,
        sentences: [`Your order of ${what} in “${sale}” is cancelled.`, "You pay nothing."],
      };
    case "refunded":
      return {
        subject: `Your money is on its way back: ${what}`,
        sentences: [
          `Your order of ${what} in “${sale}” is refunded.`,
          `${money === "" ? "Your money" : money} has been sent back; your bank may take some days to show it.`,
        ],
      };
    case "sale_started":
      return {
        subject: `It has started: ${sale}`,
        sentences: [
          `“${sale}” has started, and you asked to be told.`,
          "Take your place in line on its page.",
        ],
      };
  }
}

function units({ quantity }: MessageFacts, item: string): string {
  return quantity === undefined || quantity === 1 ? item : `${quantity} × ${item}`;
}

function total({ amount, currency }: MessageFacts): string {
  return amount === undefined || currency === undefined ? "" : formatMoney({ amount, currency });
}

function payBy({ expiresAtMs }: MessageFacts, money: string, otherwise: string): string {
  if (expiresAtMs === undefined) return money === "" ? "" : `It costs ${money}.`;
  return `Pay${money === "" ? "" : ` ${money}`} until ${readableTime(expiresAtMs)}, or ${otherwise}.`;
}

function paid({ paymentMethod }: MessageFacts, money: string): string {
  if (paymentMethod === "cod")
    return `You pay${money === "" ? "" : ` ${money}`} when it is delivered.`;
  return money === "" ? "" : `You pay ${money}.`;
}

/** Whole seconds: RFC 3339 (section 5.6) allows the space, and people can read it. */
function readableTime(atMs: number): string {
  return formatTime(atMs)
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}

function oneLine(name: string): string {
  return name.replaceAll(CONTROL, " ").trim();
}
