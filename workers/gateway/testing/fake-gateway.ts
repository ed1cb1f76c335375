import type { CataloguedSale, Product } from "../../../domain/catalogue.ts";
import { refuse, type Refusal } from "../../../domain/problem.ts";
import type { OrderRow } from "../../../domain/purchase/ledger.ts";
import type { Board } from "../../../domain/queue/board.ts";
import { laneOf } from "../../../domain/queue/lane.ts";
import type { Whence } from "../../../domain/queue/region.ts";
import { initialControls, QUEUE_DEFAULTS } from "../../../domain/queue/settings.ts";
import {
  parseKeyring,
  sealPass,
  sealTicket,
  shopperBinding,
  type Pass,
  type Ticket,
} from "../../../domain/token.ts";
import type { JoinCommand } from "../../../durable-objects/lane-steps.ts";
import type { PlaceAnswer } from "../../../durable-objects/queue-lane.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import type { Actor, Origin } from "../../../domain/books/actor.ts";
import type { ReserveAnswer } from "../../../durable-objects/sku.ts";
import type { WaitlistAnswer } from "../../../durable-objects/sku-waitlist.ts";
import { answerBoard } from "../../waiting-room/board-answer.ts";
import { signAccessToken } from "../access-token.ts";
import { createApp } from "../app.ts";
import type { Bindings } from "../bindings.ts";
import { checkCacheControl } from "./cache-control.ts";
import { FakeLog } from "./fake-log.ts";
import { NOON_MS, placeAnswer, sampleBoard, sampleSale, waitlistAnswer } from "./samples.ts";

export * from "./samples.ts";

export const ORIGIN = "https://shop.example";
export const ADMIN_TOKEN = "local-admin-token";
/** Two keys, as in the middle of a rotation. */
export const TOKEN_KEYS = `new:${"B".repeat(44)},old:${"A".repeat(44)}`;

/** Tokens of tests outlive their sale. */
const TOKEN_SECONDS = 36_000;

const SOON_MS = 100;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}

export interface Sending {
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  raw?: BodyInit;
  /** What the edge knows of where it comes from. */
  cf?: Whence;
}

/** The gateway in front of Workers that say what a test wants and note who was called. */
export class FakeGateway {
  nowMs = NOON_MS;
  /** Calls to objects and services, in order. */
  calls: string[] = [];
  /** The numbers (or early indexes) of claims and departures, in order. */
  laneNumbers: number[] = [];
  board: Board | Error = sampleBoard();
  sale: CataloguedSale = sampleSale();
  products: Product[] = [];
  orders: OrderRow[] = [];
  onLane: (call: string, binding: string) => PlaceAnswer | Refusal | Error = () =>
    placeAnswer({ lane: 0, number: 1 });
  onReserve: (command: Record<string, unknown>) => ReserveAnswer | Refusal | Error = (command) => ({
    ok: true,
    orderId: String(command["orderId"]),
    expiresAtMs: NOON_MS + 120_000,
    amount: 49_900,
    currency: "EUR",
  });
  /** What an item's object answers about its waiting list: to a join's command, or to a shopper. */
  onWaitlist: (call: string, brought: unknown, from?: Origin) => WaitlistAnswer | Refusal | Error =
    () => waitlistAnswer({});
  /** What the object of the sockets answers; a socket itself cannot be made outside workerd. */
  onLiveBoard: () => Refusal = () => refuse("live_token_invalid");
  onAdjust: (saleId: string, changes: object, by: Actor) => unknown = (_, changes) => ({
    ok: true,
    controls: { ...initialControls(QUEUE_DEFAULTS), ...changes },
  });
  /** What the queue's Worker answers who brings the public value of a draw. */
  onRandomness: (saleId: string, value: string, by: Actor) => unknown = () => ({ ok: true });
  onOrders: (args: string[]) => object = () => ({});
  onPurchase: (method: string, args: unknown[]) => unknown = (method) => {
    throw new Error(`A test asked for ${method} and did not say what it answers.`);
  };
  onBooks: (method: string, args: unknown[]) => unknown = (method) => {
    throw new Error(`A test asked the books for ${method} and did not say what they answer.`);
  };
  /** The sample sale's public log, and the bucket that its tiles are copied into. */
  readonly log = new FakeLog((call) => this.calls.push(call));
  readonly keyring = parseKeyring(TOKEN_KEYS);
  readonly env: Bindings;
  readonly #app;
  #randomness = 0;

  constructor(adminToken: string | null = ADMIN_TOKEN) {
    this.#app = createApp(this.#runtime());
    this.env = this.#bindings(adminToken);
  }

  /**
   * Sends a request and waits also for what goes on after the answer.
   *
   * @throws Error when the answer says something else of caching than its route.
   */
  async send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const { headers = {}, json, raw, cf } = sending;
    const body = json === undefined ? raw : JSON.stringify(json);
    const request = new Request(ORIGIN + path, {
      method,
      headers: {
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body, duplex: "half" }),
    });
    Object.assign(request, { cf });
    const later: Promise<unknown>[] = [];
    const context = { waitUntil: (work: Promise<unknown>) => later.push(work) };
    const response = await this.#app.fetch(request, this.env, context as never);
    await Promise.all(later);
    checkCacheControl(method, path, response);
    const text = await response.text();
    const isJson = response.headers.get("Content-Type")?.includes("json") === true;
    const { status } = response;
    return { status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  }

  /** The `Authorization` header of a shopper. */
  async bearer(subject: string, roles: string[] = []): Promise<Record<string, string>> {
    const token = signAccessToken(this.keyring, subject, roles, TOKEN_SECONDS, this.nowMs);
    return { Authorization: `Bearer ${token}` };
  }

  /** A shopper's ticket of the sample sale. */
  ticket(subject: string, fields: Partial<Ticket> = {}): string {
    const saleId = "drop";
    const binding = shopperBinding(this.keyring, saleId, subject);
    const lane = laneOf(binding, QUEUE_DEFAULTS.lanes);
    const arrivedAtMs = NOON_MS;
    return sealTicket(this.keyring, { saleId, lane, number: 1, arrivedAtMs, binding, ...fields });
  }

  /** A shopper's pass of the sample sale, good for five minutes. */
  pass(subject: string, fields: Partial<Pass> = {}): string {
    const saleId = "drop";
    const binding = shopperBinding(this.keyring, saleId, subject);
    const times = { claimedAtMs: NOON_MS, expiresAtMs: NOON_MS + 300_000 };
    return sealPass(this.keyring, { saleId, number: 1, binding, ...times, ...fields });
  }

  #runtime(): Runtime {
    return {
      now: () => this.nowMs,
      // What waits for company gets what is there; nothing else comes due in a test.
      setTimer: (run, delayMs) => {
        if (delayMs < SOON_MS) setImmediate(run);
        return 0;
      },
      clearTimer: () => {},
      randomBytes: (length) => {
        this.#randomness += 1;
        return Uint8Array.from({ length }, (_, index) => (this.#randomness + index) % 256);
      },
    };
  }

  #bindings(adminToken: string | null): Bindings {
    const services = {
      TOKEN_KEYS,
      ...(adminToken === null ? {} : { ADMIN_TOKEN: adminToken }),
      BOARD_FEED: {
        fetch: () =>
          answerBoard(
            async () => this.#answer("board", this.board),
            () => this.nowMs,
          ),
      },
      WAITING_ROOM: {
        board: async () => this.#answer("board past the cache", this.board),
        ready: async () => true,
        ...this.log.service(),
        adjust: async (...args: [string, object, Actor]) =>
          this.#answer("adjust", this.onAdjust(...args)),
        bringRandomness: async (...args: [string, string, Actor]) =>
          this.#answer("bring randomness", this.onRandomness(...args)),
      },
      PUBLIC_LOG: this.log.bucket(),
      QUEUE_LANE: { getByName: (name: string) => this.#lane(name) },
      LIVE_BOARD: {
        getByName: (name: string, { locationHint }: { locationHint: string }) => ({
          fetch: async (url: string) => {
            const { searchParams } = new URL(url);
            const call = `live ${name} ${searchParams.get("nonce")} near ${locationHint}`;
            return Response.json(this.#answer(call, this.onLiveBoard()), { status: 403 });
          },
        }),
      },
      SKU: {
        getByName: (sku: string) => ({
          reserve: async (command: Record<string, unknown>) =>
            this.#answer(`sku ${sku}`, this.onReserve(command)),
          reserveMany: async (commands: Record<string, unknown>[]) => {
            const answers = commands.map((command) =>
              this.#answer(`sku ${sku}`, this.onReserve(command)),
            );
            return answers.map((value) => ({ ok: true, value }));
          },
          joinWaitlist: async (command: unknown) =>
            this.#answer(`sku ${sku} join`, this.onWaitlist("join", command)),
          waitlistPlace: async (subject: string) =>
            this.#answer(`sku ${sku} place`, this.onWaitlist("place", subject)),
          leaveWaitlist: async (subject: string, from?: Origin) =>
            this.#answer(`sku ${sku} leave`, this.onWaitlist("leave", subject, from)),
        }),
      },
      SKU_INTAKE: {
        getByName: (name: string) => ({
          reserve: async (command: Record<string, unknown>, intakes: number) =>
            this.#answer(`intake ${name} of ${intakes}`, this.onReserve(command)),
        }),
      },
      PURCHASE: this.#service("purchase", this.#known(), (method, args) =>
        this.onPurchase(method, args),
      ),
      BOOKS: this.#service("books", {}, (method, args) => this.onBooks(method, args)),
    };
    return services as unknown as Bindings;
  }

  #lane(name: string) {
    const call = (kind: string) => async (binding: string, number: number, more: unknown) => {
      if (kind !== "join") this.laneNumbers.push(number);
      const how = kind === "claim" && more === true ? " halted" : "";
      return this.#answer(`lane ${name} ${kind}${how}`, this.onLane(kind, binding));
    };
    const join = call("join");
    return {
      join,
      joinMany: async (joins: JoinCommand[]) => {
        const answers = joins.map(({ binding }) => join(binding, 0, null));
        return (await Promise.all(answers)).map((value) => ({ ok: true, value }));
      },
      claim: call("claim"),
      renew: call("renew"),
      leave: call("leave"),
    };
  }

  /** What the purchase service answers unless a test says something else. */
  #known(): Record<string, (...args: string[]) => unknown> {
    return {
      sale: (saleId) => (saleId === this.sale.definition.saleId ? this.sale : null),
      sales: () => [this.sale],
      product: (productId) => this.products.find((known) => known.productId === productId) ?? null,
      products: () => ({ rows: this.products, cursor: null }),
      order: (_sku, orderId) => this.orders.find((order) => order.orderId === orderId) ?? null,
      ordersOf: (...args) => ({ rows: this.orders, cursor: null, ...this.onOrders(args) }),
      attention: () => ({ rows: this.orders, cursor: "next" }),
      allOrders: (...args) => ({ rows: this.orders, cursor: "next", ...this.onOrders(args) }),
    };
  }

  #service(
    service: string,
    known: Record<string, (...args: string[]) => unknown>,
    otherwise: (method: string, args: unknown[]) => unknown,
  ) {
    return new Proxy(known, {
      get:
        (_target, method) =>
        async (...args: unknown[]) => {
          const name = String(method);
          const fake = name === "ready" ? () => true : known[name];
          const value = fake ? fake(...args.map(String)) : otherwise(name, args);
          return this.#answer(`${service} ${name}`, value);
        },
    });
  }

  #answer<Value>(call: string, value: Value | Error): Value {
    this.calls.push(call);
    if (value instanceof Error) throw value;
    return value;
  }
}
