import type { Payment } from "./payments.ts";
import type { Shopper } from "./shopper.ts";
import type { VisitEnd } from "./shopper-record.ts";
import type { WaitingTools } from "./waiting.ts";

/** Order polls start here and grow: most payments are done in a fraction of a second. */
const ORDER_POLL_FIRST_MS = 250;
const ORDER_POLL_LONGEST_MS = 2000;
const ORDER_POLL_GROWTH = 1.5;
/** Orders read for one payment; two hours at the usual pace. */
const LOOKS_MAX = 10_000;
/** Of those whom the bank asks, so many approve; the others decline. */
const APPROVE_SHARE = 0.75;

/** How a shopper pays, drawn before the visit. */
export interface PayPlan {
  /** Ways to pay, tried one after the other while they are declined; then the order is cancelled. */
  payments: readonly Payment[];
  /** Sends every checkout two times at once. */
  doubleClicks: boolean;
  /** Takes the hold and leaves it: before paying, or when the payment has begun. */
  walksAway: "never" | "before" | "while_paying";
}

/** Pays for an order, with one card after the other. */
export async function pay(
  shopper: Shopper,
  orderId: string,
  plan: PayPlan,
  tools: WaitingTools,
): Promise<VisitEnd> {
  if (plan.walksAway === "before") return "walked_away";
  for (const [tried, payment] of plan.payments.entries()) {
    // A refused checkout means that the order has moved on; the next look says where.
    await shopper.checkout(orderId, tried + 1, payment, plan.doubleClicks);
    if (plan.walksAway === "while_paying") return "walked_away";
    const end = await followPayment(shopper, orderId, tools);
    if (end !== "card_declined") return end;
  }
  await shopper.cancel(orderId);
  const end = await followPayment(shopper, orderId, tools);
  if (end === "card_declined") throw new Error(`order ${orderId} is open after it was cancelled`);
  return end;
}

/** Looks at the order until it is over, or may be paid in another way; acts where the bank asks for it. */
async function followPayment(
  shopper: Shopper,
  orderId: string,
  tools: WaitingTools,
): Promise<VisitEnd | "card_declined"> {
  let pauseMs = ORDER_POLL_FIRST_MS;
  let hasActed = false;
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const order = await shopper.orderStatus(orderId);
    switch (order.status) {
      case "CONFIRMED":
      case "SHIPPED":
      case "DELIVERED":
        return "bought";
      case "EXPIRED":
        return "hold_expired";
      case "PAYMENT_FAILED":
      case "CANCELLED":
      case "REFUNDED":
        await shopper.leave();
        return "declined";
      case "RESERVED":
        if (order.payment?.lastError) return "card_declined";
        break;
      case "PAYMENT_PENDING":
        if (order.nextAction === undefined || hasActed) break;
        hasActed = true;
        await shopper.answerBank(order.nextAction.url, tools.random() < APPROVE_SHARE);
        break;
    }
    await tools.sleep(pauseMs * (0.5 + tools.random() / 2));
    pauseMs = Math.min(pauseMs * ORDER_POLL_GROWTH, ORDER_POLL_LONGEST_MS);
  }
  throw new Error(`order ${orderId} is still open after ${LOOKS_MAX} looks`);
}
