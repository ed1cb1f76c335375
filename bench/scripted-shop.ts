import { MockAgent } from "undici";
import { Caller } from "./calls.ts";
import type { OrderStatus, QueueView } from "./contract.ts";
import { Meter } from "./meter.ts";
import { type Random, seededRandom } from "../domain/random.ts";
import { Shopper } from "./shopper.ts";
import type { ShopperRecord } from "./shopper-record.ts";
import { visit, type VisitPlan } from "./visit.ts";

const ORIGIN = "http://ropeline.test";
/** Where a scripted shop is asked for what. */
export const QUEUE = "/api/v1/sales/sale/queue";
const PURCHASE = "/api/v1/sales/sale/purchase";
/** The one order that there is. */
export const ORDER = "/api/v1/orders/order-1";
/** What it costs. */
export const TOTAL = { amount: 100, currency: "EUR" };
/** A shopper who buys by polls, and to whom nothing happens. */
export const PLAN: VisitPlan = {
  purchaseKey: "key-1",
  payments: ["ok"],
  doubleClicks: false,
  walksAway: "never",
  usesList: false,
  staysAway: false,
  usesSocket: false,
  onlyBrowses: false,
  thinkMs: 500,
};

/** Views of the line, in the order in which a shopper gets them. */
export const WAITING: QueueView = {
  state: "waiting",
  reason: null,
  number: 7,
  ahead: 3,
  pollAfterMs: 1000,
  nowServing: 3,
};
export const JOINED: QueueView = { ...WAITING, ticket: "ticket-7" };
export const INVITED: QueueView = { ...WAITING, ahead: 0, nowServing: 7 };
export const ADMITTED: QueueView = { ...INVITED, state: "admitted", pass: "pass-7" };
export const SOLD_OUT: QueueView = { ...WAITING, state: "closed", reason: "sold_out", ahead: null };
export const HOLD = { orderId: "order-1", status: "RESERVED", expiresAt: "later", total: TOTAL };
export const PENDING = { orderId: "order-1", status: "PAYMENT_PENDING" };

/** One call that is due next, with what comes back. `headers` must have been sent. */
export interface Step {
  method?: "GET" | "POST" | "DELETE";
  path: string;
  headers?: Record<string, string>;
  /** The body that must have been sent; any when left out. */
  sent?: string;
  status: number;
  body?: object;
}

/** Steps of every visit. */
export const GUEST: Step = {
  method: "POST",
  path: "/api/v1/auth/guest",
  status: 201,
  body: { accessToken: "guest" },
};
export const JOIN: Step = { method: "POST", path: QUEUE, status: 201, body: JOINED };
export const CLAIM: Step = {
  path: QUEUE,
  headers: { authorization: "Bearer guest" },
  status: 200,
  body: ADMITTED,
};
export const BUY: Step = { method: "POST", path: PURCHASE, status: 202, body: HOLD };
export const PAY: Step = { method: "POST", path: `${ORDER}/checkout`, status: 202, body: PENDING };

/** A look at the line with the ticket. */
export function look(view: QueueView, headers: Record<string, string> = {}): Step {
  return {
    path: QUEUE,
    headers: { "queue-ticket": "ticket-7", ...headers },
    status: 200,
    body: view,
  };
}

/** A look at the order. */
export function orderAt(status: OrderStatus, version: number, lastError?: string): Step {
  const payment = { status: "x", attempts: 1, lastError: lastError ?? null };
  const body = { ...HOLD, saleId: "sale", sku: "sku", quantity: 1, status, version, payment };
  return { path: `${ORDER}/status`, status: 200, body };
}

/** The same call, refused. */
export function refusal(step: Step, status: number, code: string): Step {
  return { ...step, status, body: { code } };
}

/** A shopper in a shop that answers by the script, in a time that moves when it is slept. */
export function shopperIn(steps: readonly Step[]) {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const shop = agent.get(ORIGIN);
  for (const { method = "GET", path, headers, sent, status, body } of steps) {
    const must = { ...(headers && { headers }), ...(sent !== undefined && { body: sent }) };
    shop.intercept({ method, path, ...must }).reply(status, body ?? "");
  }
  let nowMs = 0;
  const clock = {
    nowMs: () => nowMs,
    sleep: async (ms: number): Promise<void> => {
      nowMs += ms;
    },
  };
  const random = seededRandom(1);
  const caller = new Caller({
    origin: ORIGIN,
    connections: 1,
    clock,
    random,
    meter: new Meter(),
    dispatcher: agent,
    deadlineMs: 600_000,
  });
  const shopper = new Shopper({ caller, index: 0, saleId: "sale", sku: "sku", quantity: 1 });
  const openSocket = (): never => {
    throw new Error("this visit waits by polls");
  };
  const tools = { random, nowMs: clock.nowMs, sleep: (ms: number) => caller.sleep(ms), openSocket };
  return { agent, shopper, tools };
}

/** Plays the script to its end; every step must have been taken then. */
export async function play(
  steps: readonly Step[],
  plan: Partial<VisitPlan> = {},
  random?: Random,
): Promise<ShopperRecord> {
  const { agent, shopper, tools } = shopperIn(steps);
  await visit(shopper, { ...PLAN, ...plan }, random ? { ...tools, random } : tools);
  agent.assertNoPendingInterceptors();
  return shopper.record;
}
