import { GaveUp, TimeOver } from "./calls.ts";
import type { QueueView } from "./contract.ts";
import { pay, type PayPlan } from "./pay.ts";
import type { Shopper } from "./shopper.ts";
import type { VisitEnd } from "./shopper-record.ts";
import { waitOnList } from "./wait-on-list.ts";
import { PollWaiting, SocketWaiting, type Waiting, type WaitingTools } from "./waiting.ts";

/** A shopper whose turn lapsed joins again at most this often. */
const REJOINS_MAX = 3;
/** Views read in one visit; two hours at the usual pace. */
const STEPS_MAX = 10_000;

/** What a shopper has made up their mind to do, drawn before the visit. */
export interface VisitPlan extends PayPlan {
  /** The idempotency key of the one purchase of this visit. */
  purchaseKey: string;
  /** Waits on the item's list where everything is held; else keeps trying to buy. */
  usesList: boolean;
  /** Takes the place in line and never looks again. */
  staysAway: boolean;
  /** Waits by a socket; else by polls alone. */
  usesSocket: boolean;
  /** Leaves after looking at the page, without buying. */
  onlyBrowses: boolean;
  /** How long the shopper looks at the page before buying. */
  thinkMs: number;
}

/**
 * Walks one shopper through the sale, from the guest token to the end that is written into the
 * record. Never throws: what goes wrong becomes the end of the visit and its detail.
 */
export async function visit(shopper: Shopper, plan: VisitPlan, tools: WaitingTools): Promise<void> {
  const { record } = shopper;
  try {
    await shopper.guest();
    const waiting = plan.usesSocket
      ? new SocketWaiting(shopper, tools)
      : new PollWaiting(shopper, tools);
    try {
      record.end = await queueUp(shopper, plan, tools, waiting);
    } finally {
      waiting.end();
    }
  } catch (error) {
    record.end = endOf(error);
    record.endDetail = error instanceof Error ? error.message : String(error);
  }
}

function endOf(error: unknown): VisitEnd {
  if (error instanceof TimeOver) return "time_over";
  if (error instanceof GaveUp) return "gave_up";
  return "failed";
}

/** Joins and follows the views until something is bought or there is nothing to wait for. */
async function queueUp(
  shopper: Shopper,
  plan: VisitPlan,
  tools: WaitingTools,
  waiting: Waiting,
): Promise<VisitEnd> {
  let view = await shopper.join();
  if (plan.staysAway) return "gone";
  let rejoins = 0;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    switch (view.state) {
      case "early":
      case "waiting": {
        const end =
          plan.usesList && waiting.isAllHeld
            ? await waitOnList(shopper, view, plan, tools, waiting)
            : null;
        if (end !== null) return end;
        view = await waiting.next(view, plan.usesList);
        break;
      }
      case "admitted": {
        // Whoever is inside stays inside when the last unit is sold; the reason says that it is.
        if (view.reason === "sold_out") return "sold_out";
        if (plan.onlyBrowses && view.pass !== undefined) return browse(shopper, plan, tools);
        const end = await buy(shopper, view, plan, tools, waiting);
        if (end !== null) return end;
        view = await waiting.next(view);
        break;
      }
      case "lapsed":
      case "expired":
        if (rejoins >= REJOINS_MAX) return "lost_turn";
        rejoins += 1;
        view = await shopper.join();
        break;
      case "closed":
        shopper.record.endDetail = view.reason;
        return view.reason === "sold_out" ? "sold_out" : "closed";
      case "left":
        throw new Error("told `left` without having left");
    }
  }
  throw new Error(`still in line after ${STEPS_MAX} answers`);
}

async function browse(shopper: Shopper, plan: VisitPlan, tools: WaitingTools): Promise<VisitEnd> {
  await tools.sleep(plan.thinkMs);
  await shopper.leave();
  return "browsed";
}

/**
 * Tries to buy with the pass in hand. Null means not now: everything is held, and holds may come
 * back, so that the shopper looks at the line again and retries with the same key.
 */
async function buy(
  shopper: Shopper,
  view: QueueView,
  plan: VisitPlan,
  tools: WaitingTools,
  waiting: Waiting,
): Promise<VisitEnd | null> {
  if (view.pass !== undefined && shopper.record.refusals["sold_out"] === undefined) {
    await tools.sleep(plan.thinkMs);
  }
  const bought = await shopper.purchase(plan.purchaseKey, plan.doubleClicks);
  if ("orderId" in bought) return pay(shopper, bought.orderId, plan, tools);
  switch (bought.refused) {
    case "sold_out":
      return plan.usesList && bought.waitlist === true
        ? waitOnList(shopper, view, plan, tools, waiting)
        : null;
    case "sale_paused":
    case "sale_not_started":
    case "pass_expired":
      return null;
    case "sale_ended":
      return "closed";
    default:
      throw new Error(`purchase was refused with ${bought.refused}, though one unit is allowed`);
  }
}
