import { OpenAPIHono } from "@hono/zod-openapi";
import { refuse } from "../../domain/problem.ts";
import { systemRuntime, type Runtime } from "../../durable-objects/runtime.ts";
import { mountAliases } from "./aliases.ts";
import { newHeading } from "./answer.ts";
import type { Bindings } from "./bindings.ts";
import { BoardCache } from "./caches/board-cache.ts";
import { CatalogueCache } from "./caches/catalogue-cache.ts";
import { FairnessCache } from "./caches/fairness-cache.ts";
import { mount } from "./endpoint.ts";
import { IdentityCache } from "./caches/identity-cache.ts";
import { gatherJoins } from "./joining.ts";
import { LeanRoutes, type Shortcut } from "./lean-routes.ts";
import { LogCache } from "./caches/log-cache.ts";
import { FixedFirstRouter } from "./fixed-first-router.ts";
import type { Begun, Gateway, GatewayHonoEnv } from "./gateway.ts";
import { serveOpenApi } from "./openapi.ts";
import { onError, problemResponse } from "./problems.ts";
import { RequestIds } from "./request-ids.ts";
import { quickPoll } from "./quick-poll.ts";
import { quickRefusal } from "./quick-refusal.ts";
import { gatherPurchases } from "./reserving.ts";
import { API, ROUTES, SALE } from "./routes/index.ts";
import { TicketCache } from "./caches/ticket-cache.ts";
import { openSocket } from "./routes/live.ts";

/** Makes the gateway. Clock and randomness come from `runtime` alone. */
export function createApp(runtime: Runtime = systemRuntime): OpenAPIHono<GatewayHonoEnv> {
  const gateway: Gateway = {
    runtime,
    ids: new RequestIds(runtime),
    purchases: gatherPurchases(runtime),
    joins: gatherJoins(runtime),
    boards: new BoardCache(runtime),
    catalogue: new CatalogueCache(runtime),
    identities: new IdentityCache(),
    tickets: new TicketCache(),
    logs: new LogCache(runtime),
    fairness: new FairnessCache(runtime),
  };
  const app = new OpenAPIHono<GatewayHonoEnv>({ router: new FixedFirstRouter() });
  // One handler a route and nothing around it: Hono calls it without putting a chain together.
  const begun: Begun = (handle) => (c) => {
    c.set("arrivedAtMs", runtime.now());
    c.set("gateway", gateway);
    c.set("heading", newHeading(gateway.ids.next()));
    return handle(c);
  };
  mountAliases(app, begun);
  const shortcuts: Readonly<Record<string, Shortcut>> = {
    [`GET ${SALE}/queue`]: (request, env) => quickPoll(gateway, request, env),
    [`POST ${SALE}/purchase`]: (request, env) => quickRefusal(gateway, request, env),
  };
  const lean = new LeanRoutes();
  for (const route of ROUTES) lean.add(route.on, mount(app, route, begun), shortcuts[route.on]);
  // Not in the table: it answers with a socket, and only to the address that its route gave.
  app.get(`${API}/sales/:saleId/live`, begun(openSocket));
  serveOpenApi(app, begun);
  app.notFound(begun((c) => problemResponse(c.get("heading"), refuse("not_found"))));
  app.onError(onError);
  const { fetch } = app;
  app.fetch = (request, env, context) =>
    lean.answer(request, env as Bindings, context) ?? fetch(request, env, context);
  return app;
}
