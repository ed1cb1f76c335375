import type { Context } from "hono";
import type { Runtime } from "../../durable-objects/runtime.ts";
import type { BoardCache } from "./board-cache.ts";
import type { CatalogueCache } from "./catalogue-cache.ts";
import type { Identity } from "./access-token.ts";
import type { IdentityCache } from "./identity-cache.ts";

/** Bindings that only the local runtime has: in production there is no admin token at all. */
export interface LocalBindings {
  ADMIN_TOKEN?: string;
  LOCAL_LIMITS?: string;
}

/** Everything that the gateway is bound to. */
export type Bindings = GatewayEnv & LocalBindings;

/** What the requests of one isolate share: values only, never another request's promise. */
export interface Gateway {
  runtime: Runtime;
  boards: BoardCache;
  catalogue: CatalogueCache;
  identities: IdentityCache;
}

/** What a request carries from one step to the next. */
export interface Variables {
  gateway: Gateway;
  requestId: string;
  /** When the request reached the gateway: what a join is numbered by. */
  arrivedAtMs: number;
  /** Who asks; set by the steps that ask for it. */
  identity: Identity | undefined;
  idempotencyKey: string | undefined;
}

export interface GatewayHonoEnv {
  Bindings: Bindings;
  Variables: Variables;
}

export type GatewayContext = Context<GatewayHonoEnv>;

/** What caches and calls need of a request: its bindings, and a way to work on after the answer. */
export interface Caller {
  env: Bindings;
  waitUntil: (work: Promise<unknown>) => void;
}

/** The request as a caller of caches. */
export function callerOf(c: GatewayContext): Caller {
  return {
    env: c.env,
    waitUntil: (work) => {
      c.executionCtx.waitUntil(work);
    },
  };
}
