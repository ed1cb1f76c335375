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
import type { CheckoutAnswer, Order, OrderStatus, Payment } from "./contract.ts";
import { isMoneyMoving } from "./order-text.ts";
import { startPoller, type Poller } from "./poller.ts";
import { ApiProblem, PAYMENT_UNAVAILABLE } from "./problem.ts";
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

/** Money on its way back takes the bank a while. */
const MONEY_POLL_MS = 5_000;
/** How long to wait for payments that are down, where the shop does not say. */
const UNAVAILABLE_MS = 30_000;

function isPayment(value: unknown): value is Payment {
  return (
    isObject(value) &&
    (value["paymentMethod"] === "cod" ||
      (value["paymentMethod"] === "card" && isText(value["paymentToken"])))
  );
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

/** The order right after a checkout, until the shop tells more. */
function paidOrder(order: Order, status: CheckoutAnswer["status"]): Order {
  const attempts = (order.payment?.attempts ?? 0) + 1;
  const payment = { status: status === "CONFIRMED" ? "on_delivery" : "due", attempts };
  return { ...order, status, payment, nextAction: null };
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

/** What is known of the order a page follows. */
export interface HeldOrder {
  /** As last known; null while none is followed or the first answer is awaited. */
  readonly order: Order | null;
  /** When cards can be tried again; null unless payments are down. */
  readonly cardsAgainAtMs: number | null;
}

/** One order on a page. Starts with none. */
export class OrderFlow {
  readonly #hooks: OrderFlowHooks;
  readonly #poller: Poller;
  #orderId: string | null = null;
  #order: Order | null = null;
  #cardsAgainAtMs: number | null = null;
  #errand: "pay" | "cancel" | null = null;
  /** Counts what this page did to the order: an answer asked for before then is out of date. */
  #epoch = 0;
  #payingPolls = 0;
  #notFound = 0;

  constructor(hooks: OrderFlowHooks) {
    this.#hooks = hooks;
    this.#poller = startPoller({ ask: () => this.#ask(), onFailures: hooks.failures });
  }

  /** What is held now. */
  get held(): HeldOrder {
    return { order: this.#order, cardsAgainAtMs: this.#cardsAgainAtMs };
  }

  /** What the shopper asked for and is not answered yet. */
  get errand(): "pay" | "cancel" | null {
    return this.#errand;
  }

  /** Follows an order, going on with a payment whose answer was lost; null follows none. */
  follow(orderId: string | null, known: Order | null = null): void {
    this.#orderId = orderId;
    this.#notFound = 0;
    this.#cardsAgainAtMs = null;
    this.#set(known);
    this.#poller.wake();
    const open = orderId === null ? null : openAttempt(checkoutKind(orderId));
    if (open !== null) {
      void this.pay(open.body);
    }
  }

  /** Starts a payment; problems go to the hooks. */
  async pay(payment: Payment): Promise<void> {
    const orderId = this.#orderId;
    if (orderId === null) {
      return;
    }
    await this.#run("pay", async () => {
      this.#cardsAgainAtMs = null;
      try {
        const kind = checkoutKind(orderId);
        const { status } = await makeAttempt(kind, payment, this.#hooks.retrying);
        if (this.#order !== null) {
          this.#set(paidOrder(this.#order, status));
        }
      } catch (error) {
        if (!(error instanceof ApiProblem && error.code === PAYMENT_UNAVAILABLE)) {
          throw error;
        }
        const waitMs = (error.retryAfterSeconds ?? UNAVAILABLE_MS / 1_000) * 1_000;
        this.#cardsAgainAtMs = serverNowMs() + waitMs;
      }
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

  #delayMs(order: Order): number | null {
    const { status, expiresAt } = order;
    if (!OPEN.has(status)) {
      return isMoneyMoving(order) ? spreadMs(MONEY_POLL_MS, Math.random()) : null;
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
