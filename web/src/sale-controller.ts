/** The sale page's engine: asks the shop as told, keeps ticket and pass, does what the shopper asks. */
import { getQueueView, getSaleStatus, joinQueue, leaveQueue, askLive, purchase } from "./api.ts";
import { makeAttempt, openAttempt, untilAnswered, type AttemptKind } from "./attempts.ts";
import { spreadMs } from "./backoff.ts";
import { serverNowMs } from "./clock.ts";
import { askToConfirm } from "./confirm.ts";
import type { LiveMessage, Order, Product, PurchaseAnswer, QueueView, Sale } from "./contract.ts";
import { createLiveSocket, type LiveSocket } from "./live-socket.ts";
import { followsBoard, isToAsk, livePollMs, viewByBoard } from "./live-view.ts";
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
import { STATUS_POLL_MS, statusDelayMs } from "./status-delay.ts";
import { pollCredentials, pollDelayMs, rememberPlace } from "./waiting.ts";

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
  readonly #live: LiveSocket;
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
    this.#live = createLiveSocket({
      address: () => askLive(sale.saleId, this.#session.ticket() ?? ""),
      heard: (board) => this.#hear(board),
      lost: () => this.#pollAgain(),
    });
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
    this.#live.want(false);
  }

  #takeView(told: QueueView): void {
    // A poll may be answered from a board that is older than the one that was pushed.
    const board = this.#live.board();
    const view = board === null ? told : viewByBoard(told, board);
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
    this.#show(view);
    this.#live.want(followsBoard(view));
  }

  #show(view: QueueView): void {
    const place = rememberPlace(this.#model.place, view);
    this.#session.setPlace(place);
    this.#change({ hasTicket: true, view, place, pass: this.#session.pass() });
  }

  /** Takes in a board that was pushed. What is asked for in the meantime stays good: the epoch is the same. */
  #hear(board: LiveMessage): void {
    const { view, status } = this.#model;
    this.#change({ status: board });
    if (view === null) {
      return;
    }
    this.#show(viewByBoard(view, board));
    if (isToAsk(view, board, status)) {
      this.#queuePoller.wake();
    }
  }

  /** Polls as told again: the socket is lost. */
  #pollAgain(): void {
    const { view } = this.#model;
    const queueMs = view === null ? null : this.#nextPollMs(view, true);
    if (queueMs !== null) {
      this.#queuePoller.wake(queueMs);
    }
    this.#statusPoller.wake(this.#statusDelayMs());
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
      // By the place that is shown: the answer may be older than what was pushed.
      return this.#nextPollMs(this.#model.view ?? view, carries.bearer);
    } catch (error) {
      return this.#refusedPoll(error, carries.bearer);
    }
  }

  #nextPollMs(view: QueueView, sentBearer: boolean): number | null {
    const moment = { hidden: document.hidden, sentBearer, random: Math.random() };
    const polledMs = pollDelayMs(view, moment);
    return this.#live.board() === null ? polledMs : livePollMs(view, polledMs, serverNowMs());
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
    return this.#statusDelayMs();
  }

  #statusDelayMs(): number {
    const isLive = this.#live.board() !== null;
    const moment = { isLive, isHidden: document.hidden, nowMs: serverNowMs() };
    return spreadMs(statusDelayMs(this.#model, moment), Math.random());
  }
}
