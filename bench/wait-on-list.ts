import type { ListView, QueueView } from "./contract.ts";
import { pay, type PayPlan } from "./pay.ts";
import type { Shopper } from "./shopper.ts";
import type { VisitEnd } from "./shopper-record.ts";
import type { Waiting, WaitingTools } from "./waiting.ts";

/** Looks of one shopper who waits; hours at the usual pace. */
const LOOKS_MAX = 10_000;
/** Of those who do not want what is offered, so many say so; the others let it run out. */
const DECLINE_SHARE = 0.5;

/**
 * Waits on the item's list until something is offered, and pays for it; or until everything is sold. Null:
 * the list has not taken the shopper, who goes on trying to buy.
 */
export async function waitOnList(
  shopper: Shopper,
  view: QueueView,
  plan: PayPlan,
  tools: WaitingTools,
  waiting: Waiting,
): Promise<VisitEnd | null> {
  if (view.number === null) return null;
  const joined = await shopper.joinList(view.number);
  if ("refused" in joined) {
    switch (joined.refused) {
      // The list is full, or units have come free since: both are seen by buying again.
      case "sold_out":
      case "order_state_conflict":
        return null;
      case "sale_ended":
        return "closed";
      default:
        throw new Error(`the waiting list was refused with ${joined.refused}`);
    }
  }
  return followList(shopper, view, joined, plan, tools, waiting);
}

async function followList(
  shopper: Shopper,
  view: QueueView,
  joined: ListView,
  plan: PayPlan,
  tools: WaitingTools,
  waiting: Waiting,
): Promise<VisitEnd> {
  let place = joined;
  let line = view;
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    if (place.orderId !== undefined) return takeOffer(shopper, place.orderId, plan, tools);
    if (place.state === "lapsed") return "closed";
    const pollAfterMs = Math.min(line.pollAfterMs, place.pollAfterMs);
    line = await waiting.next({ ...line, pollAfterMs });
    if (line.reason === "sold_out") return "sold_out";
    if (line.state === "closed") return "closed";
    place = await shopper.list.look();
  }
  throw new Error(`still on the waiting list after ${LOOKS_MAX} looks`);
}

/** An offer is an order like any other, which the shopper may decline by leaving the list. */
async function takeOffer(
  shopper: Shopper,
  orderId: string,
  plan: PayPlan,
  tools: WaitingTools,
): Promise<VisitEnd> {
  const { status } = await shopper.noteOffer(orderId);
  if (status === "EXPIRED") return "offer_lapsed";
  if (plan.walksAway === "before" && tools.random() < DECLINE_SHARE) {
    await shopper.list.leave();
    await shopper.orderStatus(orderId);
    return "offer_declined";
  }
  return pay(shopper, orderId, plan, tools);
}
