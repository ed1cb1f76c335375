import type { Actor } from "../books/actor.ts";
import { refuse, type Refusal } from "../problem.ts";
import { transition, type Hold, type HoldTransition } from "./hold.ts";
import type { Payment } from "./payment.ts";
import type { StockLevel } from "./sale.ts";
import type { Decision } from "./stock.ts";

/*
 * What a person decides about an order's money. A repeat returns the order as the first one left it.
 */

/** Who decides, and why. */
export interface By extends Actor {
  reason: string;
}

/**
 * Gives the money of a confirmed order back: what is captured is refunded, what is authorised voided,
 * and the order is `REFUNDED` once the provider has done so. An order on delivery is `CANCELLED` at once.
 */
export function refund(hold: Hold, level: StockLevel, by: By, nowMs: number): Decision {
  const { status, payment } = hold;
  if (!payment) return conflict(hold);
  const isUnderWay = payment.state === "voiding" || payment.state === "refunding";
  const isDone = status === "REFUNDED" || (status === "CANCELLED" && payment.method === "cod");
  if (isDone || (status === "CONFIRMED" && isUnderWay)) return { ok: true, repeat: true, hold };
  const open = { nextAttemptAtMs: nowMs, asked: 0, attention: null };
  switch (payment.state) {
    case "captured":
      return change(
        hold,
        level,
        "refunding",
        { ...payment, ...open, state: "refunding" },
        by,
        nowMs,
      );
    case "authorised":
      return change(hold, level, "voiding", { ...payment, ...open, state: "voiding" }, by, nowMs);
    case "on_delivery":
      return change(hold, level, "called_off", { ...payment, state: "voided" }, by, nowMs);
    case "due":
    case "action":
    case "declined":
    case "voiding":
    case "voided":
    case "refunding":
    case "refunded":
    case "by_hand":
      return conflict(hold);
  }
}

/** Asks the provider again about a payment that needs attention. */
export function retryPayment(hold: Hold, level: StockLevel, by: By, nowMs: number): Decision {
  const { payment } = hold;
  if (!payment) return conflict(hold);
  if (!needsAttention(payment)) return { ok: true, repeat: true, hold };
  const retried: Payment = { ...payment, attention: null, nextAttemptAtMs: nowMs, asked: 0 };
  return change(hold, level, "retried", retried, by, nowMs);
}

/**
 * Takes a person's word that a payment which needs attention is put right outside of this system. Where
 * the money was on its way back, the order is refunded. A suspicion comes first, as in the list: it is
 * looked at, and the payment goes on as it does.
 */
export function resolvePayment(hold: Hold, level: StockLevel, by: By, nowMs: number): Decision {
  const { payment, status, suspicion } = hold;
  if (payment && suspicion)
    return change({ ...hold, suspicion: "" }, level, "resolved", payment, by, nowMs);
  if (payment?.state === "by_hand") return { ok: true, repeat: true, hold };
  if (!payment || !needsAttention(payment))
    return suspicion === ""
      ? { ok: true, repeat: true, hold }
      : refuse("order_state_conflict", { detail: "The payment needs no attention." });
  const isBack = status === "CONFIRMED" && payment.state !== "authorised";
  const resolved: Payment = { ...payment, state: "by_hand", attention: null };
  return change(hold, level, isBack ? "refunded" : "resolved", resolved, by, nowMs);
}

/** Whether a person has to look at the payment before it goes on. */
export function needsAttention({ attention }: Payment): boolean {
  return attention !== undefined && attention !== null;
}

function change(
  hold: Hold,
  level: StockLevel,
  type: HoldTransition,
  payment: Payment,
  { reason }: By,
  nowMs: number,
): Decision {
  const changed = transition(hold, level, type, nowMs, payment);
  return changed ? { ok: true, repeat: false, change: { ...changed, reason } } : conflict(hold);
}

function conflict({ status, payment }: Hold): Refusal {
  const paid = payment ? `, its payment ${payment.state}` : "";
  return refuse("order_state_conflict", { detail: `The order is ${status}${paid}.` });
}
