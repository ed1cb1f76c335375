import { OpenAPIHono } from "@hono/zod-openapi";
import { secureHeaders } from "hono/secure-headers";
import { encodeBase64url } from "../../domain/base64url.ts";
import { refuse } from "../../domain/problem.ts";
import { systemRuntime, type Runtime } from "../../durable-objects/runtime.ts";
import { mountAliases } from "./aliases.ts";
import { BoardCache } from "./caches/board-cache.ts";
import { CatalogueCache } from "./caches/catalogue-cache.ts";
import { FairnessCache } from "./caches/fairness-cache.ts";
import { mount } from "./endpoint.ts";
import { IdentityCache } from "./caches/identity-cache.ts";
import { LogCache } from "./caches/log-cache.ts";
import type { Gateway, GatewayHonoEnv } from "./gateway.ts";
import { serveOpenApi } from "./openapi.ts";
import { onError, problemResponse } from "./problems.ts";
import { API, ROUTES } from "./routes/index.ts";
import { openSocket } from "./routes/live.ts";

/** 16 characters, enough to find one request in a day's log. */
const REQUEST_ID_BYTES = 12;

/** Headers for answers that are never a page: they run nothing and are framed by nobody. */
const HEADERS_FOR_JSON = {
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: "DENY",
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const;

/** Makes the gateway. Clock and randomness come from `runtime` alone. */
export function createApp(runtime: Runtime = systemRuntime): OpenAPIHono<GatewayHonoEnv> {
  const gateway: Gateway = {
    runtime,
    boards: new BoardCache(runtime),
    catalogue: new CatalogueCache(runtime),
    identities: new IdentityCache(),
    logs: new LogCache(runtime),
    fairness: new FairnessCache(runtime),
  };
  const app = new OpenAPIHono<GatewayHonoEnv>();
  app.use(secureHeaders(HEADERS_FOR_JSON));
  app.use(async function begin(c, next) {
    const requestId = encodeBase64url(runtime.randomBytes(REQUEST_ID_BYTES));
    c.set("arrivedAtMs", runtime.now());
    c.set("gateway", gateway);
    c.set("requestId", requestId);
    c.header("X-Request-Id", requestId);
    c.header("Cache-Control", "no-store");
    await next();
  });
  mountAliases(app);
  for (const route of ROUTES) mount(app, route);
  // Not in the table: it answers with a socket, and only to the address that its route gave.
  app.get(`${API}/sales/:saleId/live`, openSocket);
  serveOpenApi(app);
  app.notFound((c) => problemResponse(c, refuse("not_found")));
  app.onError(onError);
  return app;
}
