import type { Context } from "hono";
import type { Runtime } from "../../durable-objects/runtime.ts";
import type { Heading } from "./answer.ts";
import type { BoardCache } from "./caches/board-cache.ts";
import type { CatalogueCache } from "./caches/catalogue-cache.ts";
import type { FairnessCache } from "./caches/fairness-cache.ts";
import type { Identity } from "./access-token.ts";
import type { Bindings, Caller } from "./bindings.ts";
import type { IdentityCache } from "./caches/identity-cache.ts";
import type { LogCache } from "./caches/log-cache.ts";
import type { Joins } from "./joining.ts";
import type { RequestIds } from "./request-ids.ts";
import type { Purchases } from "./reserving.ts";
import type { TicketCache } from "./caches/ticket-cache.ts";

/** What the requests of one isolate share: values, and of purchases and joins the call that brings them to their object. */
export interface Gateway {
  runtime: Runtime;
  ids: RequestIds;
  purchases: Purchases;
  joins: Joins;
  boards: BoardCache;
  catalogue: CatalogueCache;
  identities: IdentityCache;
  tickets: TicketCache;
  logs: LogCache;
  fairness: FairnessCache;
}

/** What a request carries from one step to the next. */
export interface Variables {
  gateway: Gateway;
  heading: Heading;
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

/** Answers a request. */
export type Handle = (c: GatewayContext) => Response | Promise<Response>;

/** Begins every request before it is handled. */
export type Begun = (handle: Handle) => Handle;

/** The request as a caller of caches. */
export function callerOf(c: GatewayContext): Caller {
  return {
    env: c.env,
    waitUntil: (work) => {
      c.executionCtx.waitUntil(work);
    },
  };
}
