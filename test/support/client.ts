import { checkCacheControl } from "../../workers/gateway/testing/cache-control.ts";

/** How one request is sent; a relative path is resolved by the system under test. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** What came back, read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}

interface Options {
  bearer?: string;
  ticket?: string;
  pass?: string;
  key?: string;
  body?: unknown;
}

/** Polls are repeated this often at most: with the pauses between them about a minute. */
const POLLS_MAX = 120;

/** A client of the HTTP contract that says nothing about what should come back. */
export class Client {
  readonly #send: Send;
  readonly #adminToken: string;

  constructor(send: Send, adminToken: string) {
    this.#send = send;
    this.#adminToken = adminToken;
  }

  async call(method: string, path: string, options: Options = {}): Promise<Answer> {
    const headers = new Headers();
    if (options.body !== undefined) headers.set("Content-Type", "application/json");
    if (options.bearer !== undefined) headers.set("Authorization", `Bearer ${options.bearer}`);
    if (options.ticket !== undefined) headers.set("Queue-Ticket", options.ticket);
    if (options.pass !== undefined) headers.set("Queue-Pass", options.pass);
    if (options.key !== undefined) headers.set("Idempotency-Key", options.key);
    const body = options.body === undefined ? null : JSON.stringify(options.body);
    const response = await this.#send(`/api/v1${path}`, { method, headers, body });
    checkCacheControl(method, `/api/v1${path}`, response);
    const text = await response.text();
    const isJson = response.headers.get("Content-Type")?.includes("json") ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  admin(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(method, `/admin${path}`, { bearer: this.#adminToken, body });
  }

  async guest(): Promise<string> {
    const { body } = await this.call("POST", "/auth/guest", { body: {} });
    return String(body["accessToken"]);
  }

  /** Creates a product and a sale of one item, active from a minute ago unless told otherwise. */
  async sale(saleId: string, overrides: Record<string, unknown> = {}, stock = 10): Promise<Answer> {
    const nowMs = Date.now();
    const price = { amount: 99_900, currency: "EUR" };
    const images = ["/images/phone.svg"];
    await this.admin("POST", "/products", { productId: "phone", name: "Phone", price, images });
    const salePrice = { amount: 49_900, currency: "EUR" };
    return this.admin("POST", "/sales", {
      saleId,
      name: "A drop",
      startsAt: new Date(nowMs - 60_000).toISOString(),
      endsAt: new Date(nowMs + 3_600_000).toISOString(),
      items: [{ sku: `${saleId}-phone`, productId: "phone", salePrice, stock }],
      ...overrides,
    });
  }

  /** Asks until `done` accepts an answer; the last answer either way. */
  async until(ask: () => Promise<Answer>, done: (answer: Answer) => boolean): Promise<Answer> {
    let answer = await ask();
    for (let poll = 0; poll < POLLS_MAX && !done(answer); poll++) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(50 * (poll + 1), 500)));
      answer = await ask();
    }
    return answer;
  }

  /** A shopper with a ticket and a pass of an active sale. */
  async admitted(saleId: string): Promise<{ bearer: string; ticket: string; pass: string }> {
    const bearer = await this.guest();
    const joined = await this.call("POST", `/sales/${saleId}/queue`, { bearer, body: {} });
    const ticket = String(joined.body["ticket"]);
    const view = await this.until(
      () => this.call("GET", `/sales/${saleId}/queue`, { bearer, ticket }),
      ({ body }) => body["state"] === "admitted",
    );
    return { bearer, ticket, pass: String(view.body["pass"]) };
  }
}
