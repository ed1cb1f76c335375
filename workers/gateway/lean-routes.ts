import type { Bindings } from "./bindings.ts";
import { splitOn } from "./endpoint.ts";
import type { GatewayContext, Handle, Variables } from "./gateway.ts";
import { onError } from "./problems.ts";

/** A sale's own address, with one word behind the id, without a query and with an id that needs no decoding. */
const SALE_URL = /^https?:\/\/[^/]+(\/api\/v1\/sales\/([\w-]+)\/(\w+))$/;
/** The routes behind it. */
const SALE_ROUTE = /^\/api\/v1\/sales\/\{saleId\}\/(\w+)$/;

/** A request that is plainly addressed to a sale's own route. */
export interface SaleRequest {
  readonly raw: Request;
  readonly path: string;
  readonly saleId: string;
}

/** Answers the plainest requests of a route before it; `null` for all others, whose body it has left unread. */
export type Shortcut = (request: SaleRequest, env: Bindings) => Response | Promise<Response> | null;

/** What answers at one of a sale's own addresses. */
interface SaleRoute {
  handle: Handle;
  shortcut: Shortcut | undefined;
}

/**
 * What shoppers send by the hundred thousand goes straight to its route's handler. Hono matches each request against all routes and makes
 * a context with a dozen functions of its own; the handlers ask for a few of them. They are the same handlers: what is left out is the way.
 */
export class LeanRoutes {
  readonly #routes = new Map<string, SaleRoute>();

  /** Takes a route, if it is one of a sale's own. */
  add(on: string, handle: Handle, shortcut?: Shortcut): void {
    const { method, path } = splitOn(on);
    const word = SALE_ROUTE.exec(path)?.[1];
    if (word !== undefined) this.#routes.set(`${method} ${word}`, { handle, shortcut });
  }

  /** The answer of the route; `null` for everything that is not plainly addressed to one of those. */
  answer(raw: Request, env: Bindings, executionCtx: unknown): Response | Promise<Response> | null {
    const [, path = "", saleId = "", word = ""] = SALE_URL.exec(raw.url) ?? [];
    const route = this.#routes.get(`${raw.method} ${word}`);
    if (route === undefined) return null;
    const request = new LeanRequest(raw, path, saleId);
    return (
      route.shortcut?.(request, env) ??
      run(route.handle, new LeanContext(env, executionCtx, request))
    );
  }
}

async function run(handle: Handle, context: LeanContext): Promise<Response> {
  const c = context as unknown as GatewayContext;
  try {
    return await handle(c);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return onError(error, c);
  }
}

/** Of a Hono context what handlers use. */
class LeanContext {
  readonly env: Bindings;
  readonly executionCtx: unknown;
  readonly req: LeanRequest;
  readonly #variables: { [Name in keyof Variables]: Variables[Name] | undefined } = {
    gateway: undefined,
    heading: undefined,
    arrivedAtMs: undefined,
    identity: undefined,
    idempotencyKey: undefined,
  };

  constructor(env: Bindings, executionCtx: unknown, req: LeanRequest) {
    this.env = env;
    this.executionCtx = executionCtx;
    this.req = req;
  }

  get<Name extends keyof Variables>(name: Name): Variables[Name] | undefined {
    return this.#variables[name];
  }

  set<Name extends keyof Variables>(name: Name, value: Variables[Name]): void {
    this.#variables[name] = value;
  }
}

/** Of a Hono request the same. */
class LeanRequest implements SaleRequest {
  readonly raw: Request;
  readonly path: string;
  readonly saleId: string;

  constructor(raw: Request, path: string, saleId: string) {
    this.raw = raw;
    this.path = path;
    this.saleId = saleId;
  }

  get url(): string {
    return this.raw.url;
  }

  get method(): string {
    return this.raw.method;
  }

  header(name: string): string | undefined {
    return this.raw.headers.get(name) ?? undefined;
  }

  param(name: string): string | undefined {
    return name === "saleId" ? this.saleId : undefined;
  }

  /** There is none. */
  query(name?: string): Record<string, string> | undefined {
    return name === undefined ? {} : undefined;
  }
}
