import type { Model } from "./check.ts";
import { CLOCK_MAX_MS, type Order, type OrderCall, type Span, type Status } from "./item.ts";

/** An order as it was seen last; `null` before there is one. */
export type OrderState = { status: Status; version: number } | null;

/** What an order may become in one step, of itself or by what somebody asked for, each step with a version of its own. */
const WAYS: readonly { from: Status; to: Status; by: "clock" | "payment" | "cancel" | "refund" }[] =
  [
    { from: "RESERVED", to: "EXPIRED", by: "clock" },
    { from: "RESERVED", to: "CANCELLED", by: "cancel" },
    { from: "RESERVED", to: "PAYMENT_PENDING", by: "payment" },
    // Cash on delivery.
    { from: "RESERVED", to: "CONFIRMED", by: "payment" },
    { from: "RESERVED", to: "PAYMENT_FAILED", by: "payment" },
    { from: "PAYMENT_PENDING", to: "RESERVED", by: "payment" },
    { from: "PAYMENT_PENDING", to: "CONFIRMED", by: "payment" },
    { from: "PAYMENT_PENDING", to: "PAYMENT_FAILED", by: "payment" },
    { from: "CONFIRMED", to: "REFUNDED", by: "refund" },
    { from: "CONFIRMED", to: "CANCELLED", by: "refund" },
  ];

/**
 * One order: a register whose version only grows. That it is taken, paid, expires or is given back are steps in between,
 * which may happen from when somebody asked for them, or when the clock can be there; no answer has to tell of them.
 */
export function orderModel(order: Order): Model<OrderState, OrderCall> {
  return {
    initial: null,
    step: (state, call) => {
      if (call.kind === "missing") return state === null ? [state] : [];
      if (state === null && order.askedFrom > call.returned) return [];
      const taken = state ?? { status: "RESERVED", version: 1 };
      if (call.kind === "taken") return [taken];
      return isReachable(order, taken, call) ? [seen(taken, call)] : [];
    },
    isRead: () => true,
    key: (state) => JSON.stringify(state),
  };
}

function seen(
  state: NonNullable<OrderState>,
  { status, version }: NonNullable<OrderState>,
): OrderState {
  return state.version === version ? state : { status, version };
}

/** Whether the order may be seen like this, if it was last like that. */
function isReachable(
  order: Order,
  from: NonNullable<OrderState>,
  to: NonNullable<OrderState> & Span,
): boolean {
  const { expiresAtMs } = order;
  const isOverdue = expiresAtMs !== null && to.invokedMs >= expiresAtMs + CLOCK_MAX_MS;
  if (to.status === "RESERVED" && isOverdue) return false;
  const steps = to.version - from.version;
  if (steps <= 0) return steps === 0 && from.status === to.status;
  const least = leastSteps(order, from.status, to);
  // Facts about its money raise the version of an order that is otherwise as it was.
  return order.paidFrom <= to.returned ? least <= steps : least === steps;
}

function leastSteps(order: Order, from: Status, { status, ...span }: { status: Status } & Span) {
  const steps = new Map<Status, number>([[from, 0]]);
  for (const [reached, count] of steps)
    for (const way of WAYS)
      if (way.from === reached && !steps.has(way.to) && isPossible(order, way.by, span))
        steps.set(way.to, count + 1);
  return steps.get(status) ?? Infinity;
}

function isPossible(order: Order, by: (typeof WAYS)[number]["by"], { returned, returnedMs }: Span) {
  switch (by) {
    case "clock":
      return order.expiresAtMs === null || returnedMs >= order.expiresAtMs - CLOCK_MAX_MS;
    case "payment":
      return order.paidFrom <= returned;
    case "cancel":
      return order.cancelledFrom <= returned;
    case "refund":
      return order.refundedFrom <= returned;
  }
}
