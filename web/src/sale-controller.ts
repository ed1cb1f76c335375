/** The sale page's engine: follows the shop's figures, place and order, does what the shopper asks. */
import { getSaleStatus, joinQueue, leaveQueue, purchase } from "./api.ts";
import { makeAttempt, openAttempt, untilAnswered, type AttemptKind } from "./attempts.ts";
import { spreadMs } from "./backoff.ts";
import { serverNowMs } from "./clock.ts";
import { askToConfirm } from "./confirm.ts";
import type { Order, Product, PurchaseAnswer, Sale, SaleStatus } from "./contract.ts";
import { ListFlow } from "./list-flow.ts";
import { OrderFlow } from "./order-flow.ts";
import { PlaceFlow } from "./place-flow.ts";
import { startPoller, type Poller } from "./poller.ts";
import { ApiProblem, type NoAnswer } from "./problem.ts";
import { isOffer, type Errand, type SaleActions, type SaleModel } from "./sale-model.ts";
import {
  asGuest,
  dropGuest,
  guestToken,
  isNotAccepted,
  saleSession,
  type SaleSession,
} from "./session.ts";
import { statusDelayMs } from "./status-delay.ts";
import { isObject, isText } from "./storage.ts";

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

const LET_GO_QUESTION = {
  title: "Let it go?",
  text: "It goes to the next on the waiting list at once, and you are off the list.",
  yes: "Let it go",
  no: "Keep it",
  testId: "cancel-confirm",
};

const LEAVE_LIST_QUESTION = {
  title: "Leave the waiting list?",
  text: "What comes back is then offered to others only. Your place in line stays as it is.",
  yes: "Leave the list",
  no: "Keep my place",
  testId: "list-leave-confirm",
};

/** The engine of one sale's page. */
export class SaleController {
  readonly #hooks: SaleHooks;
  readonly #session: SaleSession;
  readonly #orders: OrderFlow;
  readonly #place: PlaceFlow;
  readonly #list: ListFlow;
  readonly #statusPoller: Poller;
  #model: SaleModel;
  #errand: Errand | null = null;
  /** An offer is put on the page once: after that its shopper may have put it aside. */
  #takenOffer: string | null = null;
  /** The version of the figures by which a purchase was tried and refused. */
  #refusedVersion = 0;

  /** What the shopper can do; every problem goes to the hooks. */
  readonly actions: SaleActions = {
    join: () => void this.#run("join", () => this.#join()),
    leave: () => void this.#leave(),
    stay: () => this.#place.wake(),
    buy: (quantity) => void this.#buy({ sku: this.#model.sku, quantity }),
    pay: (payment) => void this.#orders.pay(payment),
    cancel: () => void (isOffer(this.#model) ? this.#letGo() : this.#orders.cancel()),
    joinList: (quantity) => void this.#run("list", () => this.#joinList(quantity)),
    leaveList: () => void this.#leaveList(),
    startOver: () => this.#putOrderAside(),
  };

  constructor(sale: Sale, products: ReadonlyMap<string, Product>, hooks: SaleHooks) {
    this.#hooks = hooks;
    this.#session = saleSession(sale.saleId);
    this.#place = new PlaceFlow(sale, this.#session, {
      changed: () => this.#change({}),
      status: () => this.#model.status,
      heard: (board) => this.#takeStatus(board),
      statusDue: (isAtOnce) => this.#statusPoller.wake(isAtOnce ? 0 : this.#statusDelayMs()),
      needsTurn: () => this.#session.orderId() === null,
      failures: (count, error) => hooks.failures("queue", count, error),
      lost: (error) => this.#forgetPlace(error),
    });
    this.#list = new ListFlow(sale.saleId, this.#session, {
      changed: () => this.#takeList(),
      isLive: () => this.#place.isLive,
      failures: (count, error) => hooks.failures("list", count, error),
    });
    this.#model = {
      sale,
      products,
      status: null,
      ...this.#place.held,
      order: null,
      cardsAgainAtMs: null,
      list: this.#list.held,
      errand: null,
      sku: this.#list.held?.sku ?? sale.items[0]?.sku ?? "",
      refusedSku: null,
    };
    this.#orders = new OrderFlow({
      changed: () => this.#takeOrder(this.#orders.held.order),
      problem: hooks.problem,
      retrying: hooks.retrying,
      failures: (count, error) => hooks.failures("order", count, error),
      lost: (error) => {
        this.#putOrderAside();
        if (isNotAccepted(error)) {
          this.#forgetPlace(error);
        }
      },
    });
    this.#statusPoller = startPoller({
      ask: () => this.#askStatus(),
      onFailures: (count, error) => hooks.failures("status", count, error),
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
    const errand = this.#errand ?? this.#orders.errand;
    const list = this.#list.held;
    const { cardsAgainAtMs } = this.#orders.held;
    this.#model = { ...this.#model, ...this.#place.held, list, cardsAgainAtMs, errand, ...part };
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
    if (orderId !== (this.#orders.held.order?.orderId ?? null)) {
      this.#orders.follow(orderId);
    }
    this.#place.follow();
    this.#list.follow();
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
        this.#forgetPlace(error);
        return;
      }
      this.#hooks.problem(error);
      // The refusal says that something here is out of date.
      this.#statusPoller.wake();
      this.#place.wake();
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
    this.#place.join(view);
  }

  /** Who has no place in line yet gets one first: the list goes by it. */
  async #joinList(quantity: number): Promise<void> {
    if (this.#session.ticket() === null) {
      await this.#join();
    }
    const { sku } = this.#model;
    await untilAnswered(() => this.#list.join(sku, quantity), this.#hooks.retrying);
    this.#putOrderAside();
  }

  async #leaveList(): Promise<void> {
    if (await askToConfirm(LEAVE_LIST_QUESTION)) {
      await this.#run("unlist", () =>
        untilAnswered(() => this.#list.leave(), this.#hooks.retrying),
      );
    }
  }

  async #letGo(): Promise<void> {
    if (this.#orders.errand !== null || !(await askToConfirm(LET_GO_QUESTION))) {
      return;
    }
    await this.#run("cancel", async () => {
      await untilAnswered(() => this.#list.leave(), this.#hooks.retrying);
      this.#putOrderAside();
      this.#hooks.tell("You let it go. Nothing was charged.");
    });
  }

  async #leave(): Promise<void> {
    const ticket = this.#session.ticket();
    if (ticket === null || !(await askToConfirm(LEAVE_QUESTION))) {
      return;
    }
    await this.#run("leave", async () => {
      await untilAnswered(() => leaveQueue(this.#model.sale.saleId, ticket), this.#hooks.retrying);
      this.#place.drop();
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
      const answer = await makeAttempt(kind, basket, this.#hooks.retrying).catch(
        (error: unknown) => {
          const hasList = error instanceof ApiProblem && error.body.waitlist === true;
          this.#refusedVersion = this.#model.status?.version ?? 0;
          this.#change({ refusedSku: hasList ? basket.sku : null });
          throw error;
        },
      );
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
      this.#list.wake();
      this.#hooks.tell("The order is cancelled. Nothing was charged.");
      return;
    }
    if (order?.status === "CONFIRMED" && isOffer({ ...this.#model, order })) {
      // What was waited for is there.
      this.#list.drop();
    }
    const isNews = order !== null && order.status !== this.#model.order?.status;
    this.#change({ order });
    if (isNews) {
      this.#list.wake();
    }
  }

  #takeList(): void {
    this.#change({});
    const { list, order } = this.#model;
    const isBusy = order?.status === "RESERVED" || order?.status === "PAYMENT_PENDING";
    if (list?.view?.state !== "offered" || list.orderId === null || isBusy) {
      return;
    }
    if (list.orderId !== this.#takenOffer && list.orderId !== order?.orderId) {
      this.#takenOffer = list.orderId;
      this.#session.setOrderId(list.orderId);
      this.#orders.follow(list.orderId);
      this.#hooks.problem(null);
    }
  }

  #takeStatus(status: SaleStatus): void {
    const { refusedSku, view, place } = this.#model;
    const isBack =
      status.version > this.#refusedVersion &&
      status.items.some(({ sku, available }) => sku === refusedSku && available > 0);
    this.#change({ status, refusedSku: isBack ? null : refusedSku });
    this.#list.hear(status.items, view?.number ?? place?.number ?? null);
  }

  #putOrderAside(): void {
    this.#session.setOrderId(null);
    this.#orders.follow(null);
    this.#hooks.problem(null);
  }

  #forgetPlace(error: unknown): void {
    if (isNotAccepted(error)) {
      dropGuest();
    }
    this.#place.drop();
    this.#list.drop();
    this.#hooks.tell(
      "The shop no longer knows the place this browser kept. Join again to get a new one.",
    );
  }

  async #askStatus(): Promise<number | null> {
    const status = await getSaleStatus(this.#model.sale.saleId);
    const isOlder = status.version < (this.#model.status?.version ?? 0);
    if (!isOlder) {
      this.#takeStatus(status);
    }
    return this.#statusDelayMs();
  }

  #statusDelayMs(): number {
    const moment = { isLive: this.#place.isLive, isHidden: document.hidden, nowMs: serverNowMs() };
    return spreadMs(statusDelayMs(this.#model, moment), Math.random());
  }
}
