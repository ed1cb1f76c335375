/** An order's payment in the words of who runs the shop, and what can be done about it. No page in here. */
import type { PaymentState } from "../../../domain/purchase/payment.ts";
import type { AdminOrder, OrderStatus } from "../contract.ts";
import { formatMoney } from "../format.ts";
import { ApiProblem, NoAnswer, readableProblem } from "../problem.ts";

const PAYMENT_WORDS: Readonly<Record<string, string>> = {
  due: "Asking the bank",
  action: "Shopper is at the bank",
  declined: "Declined",
  authorised: "Authorised",
  captured: "Captured",
  voiding: "Voiding",
  voided: "Voided",
  refunding: "Refunding",
  refunded: "Refunded",
  on_delivery: "To be collected",
  by_hand: "Settled by hand",
} satisfies Record<PaymentState, string>;

/** How an order is paid. */
export function methodWords({ paymentMethod, payment }: AdminOrder): string {
  if (payment == null) {
    return "–";
  }
  return paymentMethod === "cod" ? "Cash on delivery" : "Card";
}

/** How its payment stands; empty where nothing is paid yet. */
export function paymentWords({ paymentMethod, payment }: AdminOrder): string {
  const status = payment?.status ?? "";
  if (paymentMethod === "cod" && status === "voided") {
    return "Called off";
  }
  return PAYMENT_WORDS[status] ?? plain(status);
}

/** Why a bank said no last, as it says it. */
export function errorWords({ payment }: AdminOrder): string {
  return plain(payment?.lastError ?? "");
}

/** A status of an order in a word or two. */
export function statusWords(status: OrderStatus): string {
  return plain(status.toLowerCase());
}

function plain(code: string): string {
  const text = code.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How an order can be taken back: the button, and the question behind it. */
export interface TakingBack {
  readonly label: string;
  readonly title: string;
  readonly text: string;
  readonly yes: string;
}

const UNITS_RETURN =
  "Then its units go to the waiting list or on sale again. This cannot be taken back.";

/** How this order can be taken back; null where it cannot. */
export function takingBack({ status, payment, total }: AdminOrder): TakingBack | null {
  if (status !== "CONFIRMED") {
    return null;
  }
  const refund = {
    label: "Refund",
    title: "Refund this order?",
    yes: `Refund ${formatMoney(total)}`,
  };
  switch (payment?.status ?? "") {
    case "captured":
      return { ...refund, text: `${formatMoney(total)} go back to the card. ${UNITS_RETURN}` };
    case "authorised":
      return {
        ...refund,
        text: `${formatMoney(total)} are set aside on the card and not captured yet: they are released. ${UNITS_RETURN}`,
      };
    case "on_delivery":
      return {
        label: "Call off",
        title: "Call this order off?",
        text: `It is to be paid on delivery, so nothing has to be paid back. Keep the parcel here. ${UNITS_RETURN}`,
        yes: "Call it off",
      };
    default:
      return null;
  }
}

/** What a command to take an order back came to. */
export function takenBackText({ status, payment, total }: AdminOrder): string {
  if (status === "CANCELLED") {
    return "The order is called off.";
  }
  return status === "REFUNDED" || payment?.status === "refunded"
    ? `${formatMoney(total)} are refunded.`
    : `The refund of ${formatMoney(total)} is under way. The table shows when the money is back.`;
}

/** A sentence for an action on an order's money that failed, with what to do. Every one of them may be repeated. */
export function actionProblem(error: unknown): string {
  if (error instanceof NoAnswer) {
    return "No answer from the shop, so it may have been done. Check the connection and try again: nothing is done twice.";
  }
  const said = readableProblem(error);
  if (!(error instanceof ApiProblem)) {
    return said;
  }
  if (error.code === "order_state_conflict") {
    return `${said} It has moved on since you looked. Close this and look at it again.`;
  }
  if (error.status === 401 || error.status === 403) {
    return `${said} Sign out, and in again with the token of somebody who may.`;
  }
  return error.passesSoon ? `${said} Try again in a moment: nothing is done twice.` : said;
}
