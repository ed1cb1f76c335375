/** The sale page's engine: asks the shop as told, keeps ticket and pass, does what the shopper asks. */
import { getQueueView, getSaleStatus, joinQueue, leaveQueue, purchase } from "./api.ts";
import { makeAttempt, openAttempt, untilAnswered, type AttemptKind } from "./attempts.ts";
import { spreadMs } from "./backoff.ts";
import { serverNowMs } from "./clock.ts";
import { askToConfirm } from "./confirm.ts";
import type { Order, Product, PurchaseAnswer, QueueView, Sale } from "./contract.ts";
import { OrderFlow } from "./order-flow.ts";
import { startPoller, type Poller } from "./poller.ts";
import { ApiProblem, type NoAnswer } from "./problem.ts";
import type { Errand, SaleActions, SaleModel } from "./sale-model.ts";
import {
  asGuest,
  dropGuest,
  guestToken,
  isNotAccepted,
  saleSession,
  type SaleSession,
} from "./session.ts";
import { isObject, isText } from "./storage.ts";
import { pollCredentials, pollDelayMs, rememberPlace } from "./waiting.ts";

/** How often the sale's public figures are asked for, by what depends on them. */
const STATUS_POLL_MS = { turn: 2_000, open: 5_000, line: 15_000, far: 30_000 } as const;
/** The first look after the opening comes this late, so that the answer is not from before it. */
const OPENING_GRACE_MS = 300;

/** What the engine tells the page. */
export interface SaleHooks {
  readonly changed: () => void;
  /** Something the shopper asked for went wrong; null takes an earlier notice back. */
  readonly problem: (error: unknown) => void;
  /** Something to be told that is not an error. */
  readonly tell: (text: string) => void;
  /** A call will be repeated in so many ms. */
  readonly retrying: (waitMs: number, error: ApiProblem | NoAnswer) => void;
  /** Failures in a row of one of the loops; 0 when it works again. */
  readonly failures: (loop: string, count: number, error: unknown) => void;
}

interface Basket {
  readonly sku: string;
  readonly quantity: number;
}

function isBasket(value: unknown): value is Basket {
  return isObject(value) && isText(value["sku"]) && Number.isInteger(value["quantity"]);
}

const LEAVE_QUESTION = {
  title: "Leave the line?",
  text: "Your place goes to the shopper behind you. If you come back you start at the end.",
  yes: "Leave the line",
  no: "Keep my place",
  testId: "leave-confirm",
};

/** The engine of one sale's page. */
export class SaleController {
  readonly #hooks: SaleHooks;
  readonly #session: SaleSession;
  readonly #orders: OrderFlow;
  readonly #queuePoller: Poller;
  readonly #statusPoller: Poller;
  #model: SaleModel;
  #errand: Errand | null = null;
  /** Counts what this page did to the place: an answer asked for before then is out of date. */
  #epoch = 0;
  #wasAskedWho = false;

  /** What the shopper can do; every problem goes to the hooks. */
  readonly actions: SaleActions = {
    join: () => void this.#run("join", () => this.#join()),
    leave: () => void this.#leave(),
    buy: (quantity) => void this.#buy({ sku: this.#model.sku, quantity }),
    pay: (token) => void this.#orders.pay(token),
    cancel: () => void this.#orders.cancel(),
    startOver: () => this.#putOrderAside(),
  };

  constructor(sale: Sale, products: ReadonlyMap<string, Product>, hooks: SaleHooks) {
    this.#hooks = hooks;
    this.#session = saleSession(sale.saleId);
    this.#model = {
      sale,
      products,
      status: null,
      hasTicket: this.#session.ticket() !== null,
      view: null,
      place: this.#session.place(),
      pass: this.#session.pass(),
      order: null,
      errand: null,
      sku: sale.items[0]?.sku ?? "",
    };
    this.#orders = new OrderFlow({
      changed: () => this.#takeOrder(this.#orders.order),
      problem: hooks.problem,
      retrying: hooks.retrying,
      failures: (count, error) => hooks.failures("order", count, error),
      lost: (error) => {
        this.#putOrderAside();
        if (isNotAccepted(error)) {
          this.#forgetIdentity();
        }
      },
    });
    const loop = (name: string, ask: () => Promise<number | null>): Poller =>
      startPoller({ ask, onFailures: (count, error) => hooks.failures(name, count, error) });
    this.#statusPoller = loop("status", () => this.#askStatus());
    this.#queuePoller = loop("queue", () => this.#askQueue());
    this.#session.onOtherTab(() => this.#followOtherTab());
    this.#resume();
  }

  /** What the page shows. */
  get model(): SaleModel {
    return this.#model;
  }

  /** Looks at another article of the sale. */
  choose(sku: string): void {
    this.#change({ sku });
  }

  #change(part: Partial<SaleModel>): void {
    this.#model = { ...this.#model, ...part };
    this.#model = { ...this.#model, errand: this.#errand ?? this.#orders.errand };
    this.#hooks.changed();
  }

  /** Goes on where a reload, a crash or a lost answer has cut in. */
  #resume(): void {
    const orderId = this.#session.orderId();
    if (orderId !== null) {
      this.#orders.follow(orderId);
      return;
    }
    const { saleId, items } = this.#model.sale;
    const open = items.map(({ sku }) => openAttempt(this.#purchaseKind(saleId, sku)));
    const lost = open.find((attempt) => attempt !== null);
    if (lost !== undefined && lost !== null) {
      this.#change({ sku: lost.body.sku });
      void this.#buy(lost.body);
    }
  }

  #followOtherTab(): void {
    const orderId = this.#session.orderId();
    if (orderId !== (this.#orders.order?.orderId ?? null)) {
      this.#orders.follow(orderId);
    }
    this.#epoch += 1;
    this.#change({ hasTicket: this.#session.ticket() !== null, pass: this.#session.pass() });
    this.#queuePoller.wake();
  }

  async #run(errand: Errand, act: () => Promise<void>): Promise<void> {
    if (this.#errand !== null) {
      return;
    }
    this.#errand = errand;
    this.#hooks.problem(null);
    this.#change({});
    try {
      await act();
    } catch (error) {
      if (isNotAccepted(error)) {
        this.#forgetIdentity();
        return;
      }
      this.#hooks.problem(error);
      // The refusal says that something here is out of date.
      this.#statusPoller.wake();
      this.#queuePoller.wake();
    } finally {
      this.#errand = null;
      this.#change({});
    }
  }

  async #join(): Promise<void> {
    const { saleId } = this.#model.sale;
    const view = await untilAnswered(
      () => asGuest((bearer) => joinQueue(saleId, bearer)),
      this.#hooks.retrying,
    );
    this.#putOrderAside();
    this.#takeView(view);
    this.#queuePoller.wake(this.#nextPollMs(view, false) ?? 0);
  }

  async #leave(): Promise<void> {
    const ticket = this.#session.ticket();
    if (ticket === null || !(await askToConfirm(LEAVE_QUESTION))) {
      return;
    }
    await this.#run("leave", async () => {
      await untilAnswered(() => leaveQueue(this.#model.sale.saleId, ticket), this.#hooks.retrying);
      this.#dropPlace();
    });
  }

  #purchaseKind(saleId: string, sku: string): AttemptKind<Basket, PurchaseAnswer> {
    return {
      scope: `purchase.${saleId}.${sku}`,
      isBody: isBasket,
      ask: async ({ key, body }) =>
        purchase(saleId, body, {
          bearer: await guestToken(),
          pass: this.#session.pass()?.pass ?? "",
          idempotencyKey: key,
        }),
      settle: ({ orderId }) => this.#session.setOrderId(orderId),
    };
  }

  async #buy(basket: Basket): Promise<void> {
    const { saleId } = this.#model.sale;
    await this.#run("buy", async () => {
      const kind = this.#purchaseKind(saleId, basket.sku);
      const answer = await makeAttempt(kind, basket, this.#hooks.retrying);
      const order: Order = {
        ...answer,
        ...basket,
        saleId,
        version: 0,
        createdAt: new Date(serverNowMs()).toISOString(),
      };
      this.#orders.follow(order.orderId, order);
    });
  }

  #takeOrder(order: Order | null): void {
    if (order?.status === "CANCELLED") {
      this.#putOrderAside();
      this.#hooks.tell("The order is cancelled. Nothing was charged.");
      return;
    }
    this.#change({ order });
  }

  #putOrderAside(): void {
    this.#session.setOrderId(null);
    this.#orders.follow(null);
    this.#hooks.problem(null);
  }

  #dropPlace(): void {
    this.#epoch += 1;
    this.#session.setTicket(null);
    this.#session.setPass(null);
    this.#session.setPlace(null);
    this.#change({ hasTicket: false, view: null, place: null, pass: null });
  }

  #takeView(view: QueueView): void {
    this.#epoch += 1;
    this.#wasAskedWho = false;
    if (view.state === "left") {
      this.#dropPlace();
      return;
    }
    if (view.ticket !== undefined) {
      this.#session.setTicket(view.ticket);
    }
    const isNewPlace = view.number !== null && view.number !== this.#model.place?.number;
    if (view.pass !== undefined) {
      this.#session.setPass({ pass: view.pass, expiresAt: view.passExpiresAt ?? null });
    } else if (isNewPlace) {
      this.#session.setPass(null);
    }
    if (view.state !== this.#model.view?.state) {
      // What the sale's figures are needed for has changed, and how often with it.
      this.#statusPoller.wake();
    }
    const place = rememberPlace(this.#model.place, view);
    this.#session.setPlace(place);
    this.#change({ hasTicket: true, view, place, pass: this.#session.pass() });
  }

  async #askQueue(): Promise<number | null> {
    const ticket = this.#session.ticket();
    if (ticket === null) {
      return null;
    }
    const epoch = this.#epoch;
    const pass = this.#session.pass()?.pass;
    const carries = pollCredentials(this.#model.view, pass !== undefined, this.#wasAskedWho);
    try {
      const view = await getQueueView(this.#model.sale.saleId, {
        ticket,
        ...(carries.bearer ? { bearer: await guestToken() } : {}),
        ...(carries.pass && pass !== undefined ? { pass } : {}),
      });
      if (epoch !== this.#epoch) {
        return 0;
      }
      this.#takeView(view);
      return this.#nextPollMs(view, carries.bearer);
    } catch (error) {
      return this.#refusedPoll(error, carries.bearer);
    }
  }

  #nextPollMs(view: QueueView, sentBearer: boolean): number | null {
    return pollDelayMs(view, { hidden: document.hidden, sentBearer, random: Math.random() });
  }

  /** What a refused poll means for what this browser keeps; anything else is tried again. */
  #refusedPoll(error: unknown, sentBearer: boolean): number | null {
    if (!(error instanceof ApiProblem) || error.passesSoon) {
      throw error;
    }
    if (error.status === 401 && !sentBearer) {
      this.#wasAskedWho = true;
      return 0;
    }
    if (error.code === "pass_invalid" || error.code === "pass_expired") {
      this.#session.setPass(null);
      this.#change({ pass: null });
      return this.#model.view === null ? 0 : STATUS_POLL_MS.turn;
    }
    if (isNotAccepted(error)) {
      this.#forgetIdentity();
    } else {
      this.#forgetPlace();
    }
    return null;
  }

  #forgetIdentity(): void {
    dropGuest();
    this.#forgetPlace();
  }

  #forgetPlace(): void {
    this.#dropPlace();
    this.#hooks.tell(
      "The shop no longer knows the place this browser kept. Join again to get a new one.",
    );
  }

  async #askStatus(): Promise<number | null> {
    const status = await getSaleStatus(this.#model.sale.saleId);
    const isOlder = status.version < (this.#model.status?.version ?? 0);
    if (!isOlder) {
      this.#change({ status });
    }
    return spreadMs(this.#statusDelayMs(), Math.random());
  }

  #statusDelayMs(): number {
    const { view, hasTicket, status } = this.#model;
    const untilStartMs = Date.parse(status?.startsAt ?? "") - serverNowMs();
    if (untilStartMs > 0) {
      return Math.min(untilStartMs + OPENING_GRACE_MS, STATUS_POLL_MS.far);
    }
    if (view?.state === "admitted") {
      return STATUS_POLL_MS.turn;
    }
    return hasTicket || document.hidden ? STATUS_POLL_MS.line : STATUS_POLL_MS.open;
  }
}
