/** One open order: asked for until it comes to an end, paid, cancelled. Serves both pages with orders. */
import { cancelOrder, checkout, getOrderStatus } from "./api.ts";
import {
  makeAttempt,
  openAttempt,
  untilAnswered,
  type AttemptKind,
  type RetryNotice,
} from "./attempts.ts";
import { spreadMs } from "./backoff.ts";
import { serverNowMs } from "./clock.ts";
import { askToConfirm } from "./confirm.ts";
import type { CheckoutAnswer, Order, OrderStatus } from "./contract.ts";
import { startPoller } from "./poller.ts";
import { ApiProblem } from "./problem.ts";
import { guestToken } from "./session.ts";
import { isObject, isText } from "./storage.ts";

/** A payment is asked for this soon at first, then ever slower. */
const PAYING_POLL_FIRST_MS = 500;
const PAYING_POLL_MAX_MS = 3_000;
const PAYING_POLL_GROWTH = 1.3;
/** A hold only changes by what the shopper does, here or in another tab, and by its end. */
const HOLD_POLL_MS = 5_000;
/** The shop needs a moment to let an expired hold go. */
const EXPIRY_GRACE_MS = 400;
/** An order the shop just made may take this many times to be found. */
const NOT_FOUND_MAX = 3;

interface Payment {
  readonly paymentMethod: "card";
  readonly paymentToken: string;
}

function isPayment(value: unknown): value is Payment {
  return isObject(value) && isText(value["paymentToken"]);
}

function checkoutKind(orderId: string): AttemptKind<Payment, CheckoutAnswer> {
  return {
    scope: `checkout.${orderId}`,
    isBody: isPayment,
    ask: async ({ key, body }) =>
      checkout(orderId, body, { bearer: await guestToken(), idempotencyKey: key }),
    settle: () => undefined,
  };
}

/** What an order flow tells the page. */
export interface OrderFlowHooks {
  /** The order or what is under way changed. */
  readonly changed: () => void;
  /** Something went wrong, to be shown; null takes an earlier one back. */
  readonly problem: (error: unknown) => void;
  readonly retrying: RetryNotice;
  /** Failures in a row of the loop that asks for the order; 0 when it works again. */
  readonly failures: (count: number, error: unknown) => void;
  /** The shop does not know the order as this shopper's. */
  readonly lost: () => void;
}

/** One order on a page. */
export interface OrderFlow {
  readonly order: () => Order | null;
  readonly errand: () => "pay" | "cancel" | null;
  readonly orderId: () => string | null;
  /** Follows an order, goes on with a payment whose answer was lost; null follows none. */
  readonly follow: (orderId: string | null, known?: Order) => void;
  readonly pay: (paymentToken: string) => Promise<void>;
  readonly cancel: () => Promise<void>;
}

const OPEN: readonly OrderStatus[] = ["RESERVED", "PAYMENT_PENDING"];

/** Starts a flow that follows no order yet. */
export function createOrderFlow(hooks: OrderFlowHooks): OrderFlow {
  let orderId: string | null = null;
  let order: Order | null = null;
  let errand: "pay" | "cancel" | null = null;
  /** Counts what this page did to the order: an answer asked for before then is out of date. */
  let epoch = 0;
  let payingPolls = 0;
  let notFound = 0;

  const set = (next: Order | null): void => {
    epoch += 1;
    payingPolls = 0;
    order = next;
    hooks.changed();
  };

  const ask = async (): Promise<number | null> => {
    const asked = { orderId, epoch };
    if (asked.orderId === null) {
      return null;
    }
    try {
      const answer = await getOrderStatus(asked.orderId, await guestToken());
      notFound = 0;
      if (asked.epoch !== epoch) {
        return 0;
      }
      order = answer;
      hooks.changed();
      return delayMs(answer);
    } catch (error) {
      return missing(error);
    }
  };

  const missing = (error: unknown): number => {
    const isMissing = error instanceof ApiProblem && [401, 403, 404].includes(error.status);
    if (!isMissing || notFound >= NOT_FOUND_MAX) {
      if (isMissing) {
        hooks.lost();
      }
      throw error;
    }
    notFound += 1;
    return PAYING_POLL_MAX_MS;
  };

  const delayMs = (answer: Order): number | null => {
    if (!OPEN.includes(answer.status)) {
      return null;
    }
    if (answer.status === "PAYMENT_PENDING") {
      const growth = PAYING_POLL_GROWTH ** payingPolls;
      payingPolls += 1;
      return spreadMs(Math.min(PAYING_POLL_FIRST_MS * growth, PAYING_POLL_MAX_MS), Math.random());
    }
    const leftMs = Date.parse(answer.expiresAt ?? "") - serverNowMs() + EXPIRY_GRACE_MS;
    return leftMs > 0 ? Math.min(HOLD_POLL_MS, leftMs) : PAYING_POLL_FIRST_MS;
  };

  const poller = startPoller({ ask, onFailures: hooks.failures });

  const run = async (name: "pay" | "cancel", act: () => Promise<void>): Promise<void> => {
    if (errand !== null) {
      return;
    }
    errand = name;
    hooks.problem(null);
    hooks.changed();
    try {
      await act();
    } catch (error) {
      hooks.problem(error);
    } finally {
      errand = null;
      hooks.changed();
      poller.wake();
    }
  };

  const pay = (paymentToken: string): Promise<void> =>
    run("pay", async () => {
      if (orderId === null) {
        return;
      }
      const body: Payment = { paymentMethod: "card", paymentToken };
      await makeAttempt(checkoutKind(orderId), body, hooks.retrying);
      set(order === null ? null : { ...order, status: "PAYMENT_PENDING" });
    });

  const cancel = async (): Promise<void> => {
    const id = orderId;
    if (id === null || errand !== null || !(await askToConfirm(CANCEL_QUESTION))) {
      return;
    }
    await run("cancel", async () => {
      const bearer = await guestToken();
      set(await untilAnswered(() => cancelOrder(id, bearer), hooks.retrying));
    });
  };

  return {
    order: () => order,
    errand: () => errand,
    orderId: () => orderId,
    follow(nextId, known) {
      orderId = nextId;
      notFound = 0;
      set(known ?? null);
      poller.wake();
      const open = nextId === null ? null : openAttempt(checkoutKind(nextId));
      if (open !== null) {
        void pay(open.body.paymentToken);
      }
    },
    pay,
    cancel,
  };
}

const CANCEL_QUESTION = {
  title: "Cancel this order?",
  text: "It goes back to the shop at once, and may be sold to someone else before you can buy it again.",
  yes: "Cancel the order",
  no: "Keep it",
  testId: "cancel-confirm",
};
