import { z } from "@hono/zod-openapi";
import type { Hono } from "hono";
import { IDEMPOTENCY_KEY_MAX_CHARACTERS, QUANTITY_MAX } from "../../domain/limits.ts";
import { shopper } from "./credentials.ts";
import { splitOn, validate } from "./endpoint.ts";
import type { Begun, GatewayContext, GatewayHonoEnv, Handle } from "./gateway.ts";
import { readJson } from "./json-body.ts";
import { API } from "./routes/index.ts";

/** The request that an aliased one stands for. */
export interface Target {
  path: string;
  body?: Record<string, unknown>;
  /** The body goes on as it came. */
  passesBody?: true;
  idempotencyKey?: string | undefined;
}

/** A path of the requirements that differs from the contract's. */
export interface Alias {
  on: `${"GET" | "POST" | "PUT"} /${string}`;
  standsFor: `${"GET" | "POST"} /${string}`;
  /** Where the body says which path is meant: what has to be in it for that. */
  body?: z.ZodType;
  to: (params: Record<string, string>, body: unknown) => Target;
}

/** An id that becomes a part of the path and must not change its shape. */
const pathId = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/, "has to be an id");
/** The key, in the body instead of the header; its length is judged where the header's is. */
const key = z
  .string()
  .regex(/^[\x20-\x7E]*$/, "has to be of printable ASCII characters")
  .optional()
  .openapi({ maxLength: IDEMPOTENCY_KEY_MAX_CHARACTERS });

/** What is passed on as it is and judged by the route that the alias stands for. */
function unjudged(document: { type: "string" | "integer"; minimum?: number; maximum?: number }) {
  return z.unknown().openapi(document);
}

/** The one table of aliases: whatever is not in it does not exist. */
export const ALIASES: readonly Alias[] = [
  {
    on: `GET ${API}/sales/active`,
    standsFor: `GET ${API}/sales`,
    to: () => ({ path: `${API}/sales?state=active` }),
  },
  aliasWithBody({
    on: `POST ${API}/reserve`,
    standsFor: `POST ${API}/sales/{saleId}/purchase`,
    body: z.object({
      saleId: pathId,
      sku_id: unjudged({ type: "string" }),
      quantity: unjudged({ type: "integer", minimum: 1, maximum: QUANTITY_MAX }),
      idempotency_key: key,
    }),
    to: (_params, { saleId, sku_id: sku, quantity, idempotency_key: idempotencyKey }) => ({
      path: `${API}/sales/${saleId}/purchase`,
      body: { sku, quantity },
      idempotencyKey,
    }),
  }),
  aliasWithBody({
    on: `POST ${API}/checkout`,
    standsFor: `POST ${API}/orders/{orderId}/checkout`,
    body: z.object({
      reservation_id: pathId,
      payment_method_id: unjudged({ type: "string" }),
      idempotency_key: key,
    }),
    to: (_params, { reservation_id: orderId, payment_method_id: paymentToken, ...rest }) => ({
      path: `${API}/orders/${orderId}/checkout`,
      body: { paymentMethod: "card", paymentToken },
      idempotencyKey: rest.idempotency_key,
    }),
  }),
  {
    on: `PUT ${API}/orders/{orderId}/cancel`,
    standsFor: `POST ${API}/orders/{orderId}/cancel`,
    to: ({ orderId = "" }) => ({ path: `${API}/orders/${encodeURIComponent(orderId)}/cancel` }),
  },
  {
    on: `POST ${API}/payments/process`,
    standsFor: `POST ${API}/payments/webhooks/{provider}`,
    to: () => ({ path: `${API}/payments/webhooks/default`, passesBody: true }),
  },
];

/** Checks the types of a row whose body is mapped. */
function aliasWithBody<Body extends z.ZodType>(alias: {
  on: Alias["on"];
  standsFor: Alias["standsFor"];
  body: Body;
  to: (params: Record<string, string>, body: z.output<Body>) => Target;
}): Alias {
  return { ...alias, to: alias.to as Alias["to"] };
}

/**
 * Serves each alias as the request that it stands for; all checks are made there. Has to be mounted
 * before the routes, one of which would take `/sales/active` for a sale.
 */
export function mountAliases(app: Hono<GatewayHonoEnv>, begun: Begun): void {
  for (const alias of ALIASES) {
    const { method, pattern } = splitOn(alias.on);
    const handle: Handle = async (c) => {
      const json = alias.body ? await readJson(c.req.raw) : undefined;
      const body = alias.body && validateAfterIdentity(c, alias.body, json);
      return app.fetch(requestTo(c, alias, alias.to(c.req.param(), body)), c.env, c.executionCtx);
    };
    app.on(method, pattern, begun(handle));
  }
}

/** Who asks is judged before what is asked. */
function validateAfterIdentity(c: GatewayContext, schema: z.ZodType, json: unknown): unknown {
  if (!schema.safeParse(json).success) shopper.check(c);
  return validate(schema, json);
}

function requestTo(c: GatewayContext, alias: Alias, target: Target): Request {
  const headers = new Headers(c.req.raw.headers);
  if (target.passesBody !== true) headers.delete("Content-Length");
  if (target.idempotencyKey !== undefined) headers.set("Idempotency-Key", target.idempotencyKey);
  const body = target.passesBody
    ? { body: c.req.raw.body, duplex: "half" }
    : target.body === undefined
      ? {}
      : { body: JSON.stringify(target.body) };
  const { method } = splitOn(alias.standsFor);
  return new Request(new URL(target.path, c.req.url), { method, headers, ...body });
}
