import { UsageError } from "./options.ts";
import type { Random } from "../domain/random.ts";

/** Ways to pay that do not simply work, named as the sandbox's tokens; `cash` is paid on delivery. */
export const BAD_PAYMENTS = [
  "decline",
  "insufficient_funds",
  "timeout",
  "timeout_ok",
  "timeout_decline",
  "late_ok",
  "action",
  "webhook_twice",
  "webhook_first",
  "cash",
] as const;

type BadPayment = (typeof BAD_PAYMENTS)[number];

/** One way to pay. */
export type Payment = "ok" | BadPayment;

/** Percent of all payments for each way; what is left is `ok`. */
export type PaymentMix = Readonly<Partial<Record<BadPayment, number>>>;

/** As the body of a checkout says it. */
export type PaymentMethod =
  | { paymentMethod: "card"; paymentToken: string }
  | { paymentMethod: "cod" };

/** Cards that may be tried for one order. */
const PAYMENTS_MAX = 3;
const ALL_PERCENT = 100;

/** Whether the percents are at most all there is. */
export function isWithinAll(mix: PaymentMix): boolean {
  return Object.values(mix).reduce((sum, percent) => sum + percent, 0) <= ALL_PERCENT;
}

/** Reads `decline=10,timeout=10`. Throws `UsageError`. */
export function parsePaymentMix(text: string): PaymentMix {
  const mix: Partial<Record<BadPayment, number>> = {};
  for (const entry of text === "" ? [] : text.split(",")) {
    const [name = "", value = ""] = entry.split("=");
    const way = BAD_PAYMENTS.find((known) => known === name);
    if (way === undefined) {
      throw new UsageError(`--payments: "${name}" is none of ${BAD_PAYMENTS.join(", ")}`);
    }
    if (value === "" || !(Number(value) >= 0)) {
      throw new UsageError(`--payments: ${name} needs a percentage, as in ${name}=10`);
    }
    mix[way] = Number(value);
  }
  if (!isWithinAll(mix)) throw new UsageError("--payments: the percents are more than 100");
  return mix;
}

/** What a shopper tries one after the other: after each decline, `retryPercent` try once more. */
export function drawPayments(mix: PaymentMix, retryPercent: number, random: Random): Payment[] {
  const payments = [drawPayment(mix, random)];
  while (payments.length < PAYMENTS_MAX && random() * ALL_PERCENT < retryPercent) {
    payments.push(drawPayment(mix, random));
  }
  return payments;
}

/** How a payment is said to the shop. */
export function methodOf(payment: Payment): PaymentMethod {
  return payment === "cash"
    ? { paymentMethod: "cod" }
    : { paymentMethod: "card", paymentToken: `tok_${payment}` };
}

function drawPayment(mix: PaymentMix, random: Random): Payment {
  let left = random() * ALL_PERCENT;
  for (const payment of BAD_PAYMENTS) {
    left -= mix[payment] ?? 0;
    if (left < 0) return payment;
  }
  return "ok";
}
