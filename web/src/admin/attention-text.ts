/** Why an order needs a person, and what each answer to it does. No page in here. */
import type { AdminOrder } from "../contract.ts";
import { formatMoney } from "../format.ts";

/** How the shop's word begins where it doubts what a provider told, while the payment itself goes on. */
export const DOUBT = "notice of another sum: ";

const STEP_WORDS: Readonly<Record<string, string>> = {
  capture: "capture the money",
  void: "release the money",
  refund: "give the money back",
};

/** The shop's reasons: what they look like, and the sentence that they make. */
const REASONS: readonly (readonly [
  RegExp,
  (parts: readonly string[], order: AdminOrder) => string,
])[] = [
  [
    new RegExp(`^${DOUBT}(\\w+) (\\d+) ([A-Z]{3}) for attempt (\\d+)`),
    ([, what, amount, currency = "", attempt], { total }) =>
      `The provider told of another sum: ${formatMoney({ amount: Number(amount), currency })} ${what} ` +
      `by attempt ${attempt}, where the order is ${formatMoney(total)}. Compare with the provider's own books.`,
  ],
  [
    /^(\w+) refused: (.*)$/s,
    ([, step = "", why = ""]) =>
      `The provider refused to ${STEP_WORDS[step] ?? step}: ${why.replaceAll("_", " ")}.`,
  ],
  [
    /^(\w+) unanswered after (\d+) times asked$/,
    ([, step = "", times]) =>
      `The provider was asked ${times} times to ${STEP_WORDS[step] ?? step}, and did not answer.`,
  ],
  [
    /^the message to (\w+) could not be handled$/,
    ([, step = ""]) =>
      `The shop could not get as far as asking the provider to ${STEP_WORDS[step] ?? step}.`,
  ],
];

/** Why the order needs a person, as a sentence; what is not known is told as the shop tells it. */
export function attentionReason(order: AdminOrder): string {
  const reason = order.attention ?? "";
  for (const [pattern, sentence] of REASONS) {
    const parts = pattern.exec(reason);
    if (parts !== null) {
      return sentence(parts, order);
    }
  }
  return reason;
}

/** Whether it is a doubt alone: the payment goes on by itself, so that there is nothing to retry. */
export function isDoubt({ attention = "" }: AdminOrder): boolean {
  return attention.startsWith(DOUBT);
}

const RETRIES: Readonly<Record<string, string>> = {
  authorised: "Asks the provider again to capture the money.",
  voiding: "Asks the provider again to release the money.",
  refunding: "Asks the provider again to give the money back.",
};

/** What a retry does, of its button; null where there is nothing to retry. */
export function retryText(order: AdminOrder): string | null {
  if (isDoubt(order)) {
    return null;
  }
  return RETRIES[order.payment?.status ?? ""] ?? "Asks the provider again.";
}

/** What it means to resolve it, of the button. */
export function resolveText(order: AdminOrder): string {
  if (isDoubt(order)) {
    return "Says that you have looked and it is all right. The payment goes on as it does.";
  }
  if (order.status !== "CONFIRMED") {
    return "Says that you have settled the money with the provider. Nothing more is asked, and the order stays as it is.";
  }
  return order.payment?.status === "authorised"
    ? "Says that you have taken the money by hand. Nothing more is asked, and the order stays confirmed."
    : "Says that the shopper has the money back. The order becomes refunded, and its units go to the waiting list or on sale again.";
}

/** What is asked before it is resolved. */
export function resolveQuestion(order: AdminOrder): string {
  const says = resolveText(order);
  const resolving = `Resolving it ${says.charAt(0).toLowerCase()}${says.slice(1)}`;
  return `${attentionReason(order)} ${resolving} This cannot be taken back.`;
}

/** What a command came to, by the order as it is then. */
export function settledText(order: AdminOrder, command: "retry" | "resolve"): string {
  if (order.attention !== undefined) {
    return "Done. The order needs a person for another reason, too.";
  }
  return command === "retry"
    ? "The provider is asked again. Should it be in vain, the order comes back to this list."
    : "Resolved. Your note is in the ledger.";
}

/** How many there are, in a sentence. */
export function countText(orders: number, items: number, isMore: boolean): string {
  const all = orders + items;
  if (all === 0) {
    return "Nothing needs a person. An order comes here when its payment cannot go on by itself, anything else when the books differ, or something could not be read or delivered.";
  }
  const counted = [
    orders === 0 ? "" : `${orders} ${orders === 1 ? "order" : "orders"}`,
    items === 0 ? "" : `${items} ${items === 1 ? "finding" : "findings"}`,
  ].filter((part) => part !== "");
  return isMore
    ? `The newest ${all} are shown. Older ones follow as these are settled.`
    : `${counted.join(" and ")} ${all === 1 ? "needs" : "need"} a person.`;
}
