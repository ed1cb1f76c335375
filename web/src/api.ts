/** The shop's HTTP interface for shoppers, typed. Every function throws `ApiProblem` or `NoAnswer`. */
import { observeServerTime } from "./clock.ts";
import type {
  BankAnswer,
  BankPayment,
  CheckoutAnswer,
  GuestToken,
  LiveAddress,
  Notification,
  Order,
  Payment,
  ProblemBody,
  Product,
  PurchaseAnswer,
  QueueView,
  Sale,
  SaleStatus,
  WaitlistView,
} from "./contract.ts";
import type { Fairness } from "./fairness/contract.ts";
import { ApiProblem, NoAnswer } from "./problem.ts";

const ROOT = "/api/v1";
/** A call that takes longer is given up and tried again: the answers are meant to take milliseconds. */
const CALL_TIMEOUT_MS = 10_000;

/** What a queue call identifies itself with; what is left out is not sent. */
export interface QueueCredentials {
  readonly ticket?: string;
  readonly bearer?: string;
  readonly pass?: string;
}

/** What travels with a call beside its path. */
export interface CallOptions extends QueueCredentials {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: object;
  readonly idempotencyKey?: string;
}

/**
 * Makes one call below `/api/v1` and gives its JSON body (undefined for 204).
 * @throws ApiProblem when the server refuses, NoAnswer when no verdict came back
 */
export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await send(path, options);
  if (!response.ok) {
    throw await problemOf(response);
  }
  if (response.status === 204) {
    return undefined as Answer;
  }
  try {
    return (await response.json()) as Answer;
  } catch (error) {
    throw new NoAnswer(error);
  }
}

async function send(path: string, options: CallOptions): Promise<Response> {
  const headers = new Headers({ Accept: "application/json" });
  const optional: Record<string, string | undefined> = {
    Authorization: options.bearer === undefined ? undefined : `Bearer ${options.bearer}`,
    "Queue-Ticket": options.ticket,
    "Queue-Pass": options.pass,
    "Idempotency-Key": options.idempotencyKey,
    "Content-Type": options.body === undefined ? undefined : "application/json",
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) {
      headers.set(name, value);
    }
  }
  try {
    return await fetch(ROOT + path, {
      method: options.method ?? "GET",
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      // Who asks is told by headers alone, so that two tabs with different tickets stay apart.
      credentials: "omit",
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
  } catch (error) {
    throw new NoAnswer(error);
  }
}

async function problemOf(response: Response): Promise<ApiProblem | NoAnswer> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("application/problem+json")) {
    return new NoAnswer(`status ${response.status}`);
  }
  try {
    const body = (await response.json()) as ProblemBody;
    const header = Number(response.headers.get("Retry-After") ?? Number.NaN);
    const told = body.retryAfterSeconds ?? (Number.isFinite(header) ? header : null);
    return new ApiProblem(body, told);
  } catch (error) {
    return new NoAnswer(error);
  }
}

const id = encodeURIComponent;

/** Asks for an anonymous shopper's identity. */
export const createGuest = (): Promise<GuestToken> =>
  call("/auth/guest", { method: "POST", body: {} });

/** The catalogue's first page, enough to name and picture what is on sale. */
export const listProducts = async (): Promise<readonly Product[]> =>
  (await call<{ readonly products: readonly Product[] }>("/products?limit=50")).products;

/** One article. */
export const getProduct = (productId: string): Promise<Product> =>
  call(`/products/${id(productId)}`);

/** Active and upcoming sales. */
export const listSales = async (): Promise<readonly Sale[]> =>
  (await call<{ readonly sales: readonly Sale[] }>("/sales")).sales;

/** One sale as it was set up. */
export const getSale = (saleId: string): Promise<Sale> => call(`/sales/${id(saleId)}`);

/** A sale's live figures; also sets the page's clock by the server's. */
export async function getSaleStatus(saleId: string): Promise<SaleStatus> {
  const sentAtMs = performance.now();
  const status = await call<SaleStatus>(`/sales/${id(saleId)}/status`);
  observeServerTime(status.serverTime, sentAtMs, performance.now());
  return status;
}

/** How fair a sale's line is, or was. */
export const getFairness = (saleId: string): Promise<Fairness> =>
  call(`/sales/${id(saleId)}/fairness`);

/** Takes a place in line, or gives back the one this shopper has. */
export const joinQueue = (saleId: string, bearer: string): Promise<QueueView> =>
  call(`/sales/${id(saleId)}/queue`, { method: "POST", body: {}, bearer });

/** Looks at this shopper's place; with the bearer it also claims, once invited. */
export const getQueueView = (saleId: string, credentials: QueueCredentials): Promise<QueueView> =>
  call(`/sales/${id(saleId)}/queue`, credentials);

/** The address of a socket that brings the sale's status on change. */
export const askLive = async (saleId: string, ticket: string): Promise<string> =>
  (await call<LiveAddress>(`/sales/${id(saleId)}/live`, { method: "POST", body: {}, ticket })).url;

/** Gives the place in line up. */
export const leaveQueue = (saleId: string, ticket: string): Promise<void> =>
  call(`/sales/${id(saleId)}/queue`, { method: "DELETE", ticket });

/** Asks for units of one item; the answer is a hold with a deadline. */
export const purchase = (
  saleId: string,
  body: { readonly sku: string; readonly quantity: number },
  credentials: { readonly bearer: string; readonly pass: string; readonly idempotencyKey: string },
): Promise<PurchaseAnswer> =>
  call(`/sales/${id(saleId)}/purchase`, { method: "POST", body, ...credentials });

const waitlistPath = (saleId: string, sku: string): string =>
  `/sales/${id(saleId)}/waitlist/${id(sku)}`;

/** Who asks about a waiting list, with a place in the sale's line. */
export interface ListCredentials {
  readonly bearer: string;
  readonly ticket: string;
}

/** Joins the waiting list of an article, or gives back the place this shopper has on it. */
export const joinWaitlist = (
  saleId: string,
  sku: string,
  quantity: number,
  credentials: ListCredentials,
): Promise<WaitlistView> =>
  call(waitlistPath(saleId, sku), { method: "POST", body: { quantity }, ...credentials });

/** This shopper's place on a waiting list; 404 for who is not on it. */
export const getWaitlist = (
  saleId: string,
  sku: string,
  credentials: ListCredentials,
): Promise<WaitlistView> => call(waitlistPath(saleId, sku), credentials);

/** Leaves a waiting list; an offer of it is declined. */
export const leaveWaitlist = (
  saleId: string,
  sku: string,
  credentials: ListCredentials,
): Promise<void> => call(waitlistPath(saleId, sku), { method: "DELETE", ...credentials });

/** Starts the payment of a held order, or has it paid on delivery. */
export const checkout = (
  orderId: string,
  body: Payment,
  credentials: { readonly bearer: string; readonly idempotencyKey: string },
): Promise<CheckoutAnswer> =>
  call(`/orders/${id(orderId)}/checkout`, { method: "POST", body, ...credentials });

/** One of this shopper's own orders. */
export const getOrder = (orderId: string, bearer: string): Promise<Order> =>
  call(`/orders/${id(orderId)}`, { bearer });

/** The same order through the route made for frequent asking. */
export const getOrderStatus = (orderId: string, bearer: string): Promise<Order> =>
  call(`/orders/${id(orderId)}/status`, { bearer });

/** This shopper's own orders, newest first, first page. */
export const listOrders = async (bearer: string): Promise<readonly Order[]> =>
  (await call<{ readonly orders: readonly Order[] }>("/orders", { bearer })).orders;

/** How many messages a page shows, at the most: the newest. */
const MESSAGES_MAX = 20;

/** What the shop has told this shopper, newest first; all of it, or about one order. */
export const listNotifications = async (
  bearer: string,
  orderId?: string,
): Promise<readonly Notification[]> => {
  const about = orderId === undefined ? "" : `&orderId=${id(orderId)}`;
  const path = `/notifications?limit=${MESSAGES_MAX}${about}`;
  return (await call<{ readonly notifications: readonly Notification[] }>(path, { bearer }))
    .notifications;
};

/** Has this shopper told when the sale starts. */
export const remind = (saleId: string, bearer: string): Promise<void> =>
  call(`/sales/${id(saleId)}/reminder`, { method: "POST", body: {}, bearer });

/** Takes that back. */
export const forgetReminder = (saleId: string, bearer: string): Promise<void> =>
  call(`/sales/${id(saleId)}/reminder`, { method: "DELETE", bearer });

/** Gives a held order back. */
export const cancelOrder = (orderId: string, bearer: string): Promise<Order> =>
  call(`/orders/${id(orderId)}/cancel`, { method: "POST", body: {}, bearer });

/** A payment as the bank of the sandbox shows it. */
export const getBankPayment = (challenge: string): Promise<BankPayment> =>
  call(`/sandbox/bank/${id(challenge)}`);

/** The shopper's answer at that bank; the first one stands. */
export const answerBank = (challenge: string, answer: BankAnswer): Promise<BankPayment> =>
  call(`/sandbox/bank/${id(challenge)}`, { method: "POST", body: { answer } });
