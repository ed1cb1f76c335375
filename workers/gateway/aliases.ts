import type { OpenAPIHono } from "@hono/zod-openapi";
import type { FieldError } from "../../domain/problem.ts";
import { shopper } from "./credentials.ts";
import type { GatewayContext, GatewayHonoEnv } from "./gateway.ts";
import { readJson } from "./json-body.ts";
import { invalid } from "./problems.ts";

/** Where an aliased request goes: `path` below the API's root, and what replaces body and key. */
export interface Target {
  method: "GET" | "POST";
  path: string;
  body?: Record<string, unknown>;
  idempotencyKey?: string;
}

/** A path of the requirements that differs from the contract's. */
export interface Alias {
  on: string;
  /** Whether the body says where the request goes. */
  hasBody: boolean;
  to: (params: Record<string, string>, body: Record<string, unknown>) => Target | FieldError[];
}

const API = "/api/v1";

/** The one table of aliases: whatever is not in it does not exist. */
export const ALIASES: readonly Alias[] = [
  {
    on: "GET /sales/active",
    hasBody: false,
    to: () => ({ method: "GET", path: "/sales?state=active" }),
  },
  {
    on: "POST /reserve",
    hasBody: true,
    to: (_params, { saleId, sku_id: sku, quantity, idempotency_key: key }) =>
      withBody("saleId", saleId, key, (id) => ({
        path: `/sales/${id}/purchase`,
        body: { sku, quantity },
      })),
  },
  {
    on: "POST /checkout",
    hasBody: true,
    to: (
      _params,
      { reservation_id: orderId, payment_method_id: paymentToken, idempotency_key: key },
    ) =>
      withBody("reservation_id", orderId, key, (id) => ({
        path: `/orders/${id}/checkout`,
        body: { paymentMethod: "card", paymentToken },
      })),
  },
  {
    on: "PUT /orders/:orderId/cancel",
    hasBody: false,
    to: ({ orderId = "" }) => ({
      method: "POST",
      path: `/orders/${encodeURIComponent(orderId)}/cancel`,
    }),
  },
];

/** Serves each alias as the request that it stands for; all checks are made there. */
export function mountAliases(app: OpenAPIHono<GatewayHonoEnv>): void {
  for (const alias of ALIASES) {
    const [method = "", path = ""] = alias.on.split(" ");
    app.on(method, API + path, async (c) => {
      const body = alias.hasBody ? await readJson(c.req.raw) : {};
      const target = alias.to(c.req.param(), isRecord(body) ? body : {});
      if (!Array.isArray(target)) return app.fetch(requestTo(c, target), c.env, c.executionCtx);
      // Who asks is judged before what is asked.
      await shopper.check(c);
      throw invalid(target);
    });
  }
}

function withBody(
  idField: string,
  id: unknown,
  key: unknown,
  target: (id: string) => { path: string; body: Record<string, unknown> },
): Target | FieldError[] {
  const errors: FieldError[] = [];
  if (typeof id !== "string" || id === "") errors.push({ path: idField, message: "is required" });
  if (key !== undefined && typeof key !== "string")
    errors.push({ path: "idempotency_key", message: "has to be a text" });
  if (typeof id !== "string" || errors.length > 0) return errors;
  const idempotencyKey = typeof key === "string" ? { idempotencyKey: key } : {};
  return { method: "POST", ...target(encodeURIComponent(id)), ...idempotencyKey };
}

function requestTo(c: GatewayContext, target: Target): Request {
  const headers = new Headers(c.req.raw.headers);
  headers.delete("Content-Length");
  if (target.idempotencyKey !== undefined) headers.set("Idempotency-Key", target.idempotencyKey);
  const body = target.body === undefined ? {} : { body: JSON.stringify(target.body) };
  const url = new URL(API + target.path, c.req.url);
  return new Request(url, { method: target.method, headers, ...body });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
