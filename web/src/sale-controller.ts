/** The sale page's engine: asks the shop as told, keeps ticket and pass, does what the shopper asks. */
import { getQueueView, getSaleStatus, joinQueue, leaveQueue, purchase } from "./api.ts";
import { makeAttempt, openAttempt, untilAnswered, type AttemptKind } from "./attempts.ts";
import { spreadMs } from "./backoff.ts";
import { serverNowMs } from "./clock.ts";
import { askToConfirm } from "./confirm.ts";
import type { Order, Product, PurchaseAnswer, QueueView, Sale } from "./contract.ts";
import { createOrderFlow } from "./order-flow.ts";
import { startPoller } from "./poller.ts";
import { ApiProblem, NoAnswer } from "./problem.ts";
import type { Errand, SaleActions, SaleModel } from "./sale-model.ts";
import { dropGuest, guestToken, saleSession } from "./session.ts";
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

/** The engine as the page uses it. */
export interface SaleController {
  readonly model: () => SaleModel;
  readonly actions: SaleActions;
  readonly choose: (sku: string) => void;
}

interface Basket {
  readonly sku: string;
  readonly quantity: number;
}

function isBasket(value: unknown): value is Basket {
  return isObject(value) && isText(value["sku"]) && Number.isInteger(value["quantity"]);
}

/** Starts the engine of one sale's page. */
export function startSale(
  sale: Sale,
  products: ReadonlyMap<string, Product>,
  hooks: SaleHooks,
): SaleController {
  const session = saleSession(sale.saleId);
  let model: SaleModel = {
    sale,
    products,
    status: null,
    hasTicket: session.ticket() !== null,
    view: null,
    place: session.place(),
    pass: session.pass(),
    order: null,
    errand: null,
    sku: sale.items[0]?.sku ?? "",
  };
  /** Counts what this page did to the place: an answer asked for before then is out of date. */
  let epoch = 0;
  let wasAskedWho = false;

  const change = (part: Partial<SaleModel>): void => {
    model = { ...model, ...part };
    hooks.changed();
  };

  const orders = createOrderFlow({
    changed: () => change({ order: orders.order(), errand: orders.errand() ?? model.errand }),
    problem: hooks.problem,
    retrying: hooks.retrying,
    failures: (count, error) => hooks.failures("order", count, error),
    lost: () => putOrderAside(),
  });

  const putOrderAside = (): void => {
    session.setOrderId(null);
    orders.follow(null);
  };
