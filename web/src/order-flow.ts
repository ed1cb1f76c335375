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
import { startPoller, type Poller } from "./poller.ts";
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
  readonly lost: (error: ApiProblem) => void;
}

const OPEN: ReadonlySet<OrderStatus> = new Set(["RESERVED", "PAYMENT_PENDING"]);

const CANCEL_QUESTION = {
  title: "Cancel this order?",
  text: "It goes back to the shop at once, and may be sold to someone else before you can buy it again.",
  yes: "Cancel the order",
  no: "Keep it",
  testId: "cancel-confirm",
};

/** One order on a page. Starts with none. */
export class OrderFlow {
  readonly #hooks: OrderFlowHooks;
  readonly #poller: Poller;
  #orderId: string | null = null;
  #order: Order | null = null;
  #errand: "pay" | "cancel" | null = null;
  /** Counts what this page did to the order: an answer asked for before then is out of date. */
  #epoch = 0;
  #payingPolls = 0;
  #notFound = 0;

  constructor(hooks: OrderFlowHooks) {
    this.#hooks = hooks;
    this.#poller = startPoller({ ask: () => this.#ask(), onFailures: hooks.failures });
  }

  /** The order as last known; null while none is followed or the first answer is awaited. */
  get order(): Order | null {
    return this.#order;
  }

  /** What the shopper asked for and is not answered yet. */
  get errand(): "pay" | "cancel" | null {
    return this.#errand;
  }

  /** Follows an order, going on with a payment whose answer was lost; null follows none. */
  follow(orderId: string | null, known: Order | null = null): void {
    this.#orderId = orderId;
    this.#notFound = 0;
    this.#set(known);
    this.#poller.wake();
    const open = orderId === null ? null : openAttempt(checkoutKind(orderId));
    if (open !== null) {
      void this.pay(open.body.paymentToken);
    }
  }

  /** Starts a payment; problems go to the hooks. */
  async pay(paymentToken: string): Promise<void> {
    const orderId = this.#orderId;
    if (orderId === null) {
      return;
    }
    await this.#run("pay", async () => {
      const body: Payment = { paymentMethod: "card", paymentToken };
      await makeAttempt(checkoutKind(orderId), body, this.#hooks.retrying);
      this.#set(this.#order === null ? null : { ...this.#order, status: "PAYMENT_PENDING" });
    });
  }

  /** Asks whether to, then gives the order back. */
  async cancel(): Promise<void> {
    const orderId = this.#orderId;
    if (orderId === null || this.#errand !== null || !(await askToConfirm(CANCEL_QUESTION))) {
      return;
    }
    await this.#run("cancel", async () => {
      const bearer = await guestToken();
      this.#set(await untilAnswered(() => cancelOrder(orderId, bearer), this.#hooks.retrying));
    });
  }

  #set(order: Order | null): void {
    this.#epoch += 1;
    this.#payingPolls = 0;
    this.#order = order;
    this.#hooks.changed();
  }

  async #run(errand: "pay" | "cancel", act: () => Promise<void>): Promise<void> {
    if (this.#errand !== null) {
      return;
    }
    this.#errand = errand;
    this.#hooks.problem(null);
    this.#hooks.changed();
    try {
      await act();
    } catch (error) {
      this.#hooks.problem(error);
    } finally {
      this.#errand = null;
      this.#hooks.changed();
      this.#poller.wake();
    }
  }

  async #ask(): Promise<number | null> {
    const orderId = this.#orderId;
    const epoch = this.#epoch;
    if (orderId === null) {
      return null;
    }
    try {
      const order = await getOrderStatus(orderId, await guestToken());
      if (epoch !== this.#epoch) {
        return 0;
      }
      this.#notFound = 0;
      this.#order = order;
      this.#hooks.changed();
      return this.#delayMs(order);
    } catch (error) {
      return this.#missed(error);
    }
  }

  /** An order just made may not be found at once; one that stays away is not this shopper's. */
  #missed(error: unknown): number | null {
    if (!(error instanceof ApiProblem) || error.passesSoon) {
      throw error;
    }
    this.#notFound += 1;
    if (this.#notFound < NOT_FOUND_MAX) {
      return PAYING_POLL_FIRST_MS;
    }
    this.#hooks.lost(error);
    return null;
  }

  #delayMs({ status, expiresAt }: Order): number | null {
    if (!OPEN.has(status)) {
      return null;
    }
    if (status === "PAYMENT_PENDING") {
      const growth = PAYING_POLL_GROWTH ** this.#payingPolls;
      this.#payingPolls += 1;
      return spreadMs(Math.min(PAYING_POLL_FIRST_MS * growth, PAYING_POLL_MAX_MS), Math.random());
    }
    const leftMs = Date.parse(expiresAt ?? "") - serverNowMs() + EXPIRY_GRACE_MS;
    return leftMs > 0 ? Math.min(HOLD_POLL_MS, leftMs) : PAYING_POLL_FIRST_MS;
  }
}
