import type { Bindings } from "./bindings.ts";
import { splitOn } from "./endpoint.ts";
import type { GatewayContext, Handle, Variables } from "./gateway.ts";
import { onError } from "./problems.ts";

/** A sale's own address, with one word behind the id, without a query and with an id that needs no decoding. */
const SALE_URL = /^https?:\/\/[^/]+(\/api\/v1\/sales\/([\w-]+)\/(\w+))$/;
/** The routes behind it. */
const SALE_ROUTE = /^\/api\/v1\/sales\/\{saleId\}\/(\w+)$/;

/**
 * What shoppers send by the hundred thousand goes straight to its route's handler. Hono matches each request against all routes and makes
 * a context with a dozen functions of its own; the handlers ask for a few of them. They are the same handlers: what is left out is the way.
 */
export class LeanRoutes {
  readonly #handles = new Map<string, Handle>();

  /** Takes a route, if it is one of a sale's own. */
  add(on: string, handle: Handle): void {
    const { method, path } = splitOn(on);
    const word = SALE_ROUTE.exec(path)?.[1];
    if (word !== undefined) this.#handles.set(`${method} ${word}`, handle);
  }

  /** The answer of the route; `null` for everything that is not plainly addressed to one of those. */
  answer(request: Request, env: Bindings, executionCtx: unknown): Promise<Response> | null {
    const [, path = "", saleId = "", word = ""] = SALE_URL.exec(request.url) ?? [];
    const handle = this.#handles.get(`${request.method} ${word}`);
    return handle
      ? run(handle, new LeanContext(env, executionCtx, new LeanRequest(request, path, saleId)))
      : null;
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
class LeanRequest {
  readonly raw: Request;
  readonly path: string;
  readonly #saleId: string;

  constructor(raw: Request, path: string, saleId: string) {
    this.raw = raw;
    this.path = path;
    this.#saleId = saleId;
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
    return name === "saleId" ? this.#saleId : undefined;
  }

  /** There is none. */
  query(name?: string): Record<string, string> | undefined {
    return name === undefined ? {} : undefined;
  }
}
