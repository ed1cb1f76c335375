import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { expect, it } from "vitest";
import { SECURITY_HEADERS } from "./answer.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";

it("answers say what Hono's secureHeaders says of what is never a page", async () => {
  const app = new Hono();
  const options = {
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: "DENY",
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  } as const;
  app.use(secureHeaders(options));
  app.get("/", (c) => c.body(null));
  const { headers } = await app.request("/");
  expect(Object.fromEntries(headers)).toEqual(Object.fromEntries(new Headers(SECURITY_HEADERS)));
});

it("no answer takes over what another has said", async () => {
  const gateway = new FakeGateway();
  const headers = await gateway.bearer("g_ann");
  const joined = await gateway.send("POST", "/api/v1/sales/drop/queue", { headers });
  expect(joined.headers.getSetCookie()).toHaveLength(1);
  const refused = await gateway.send("POST", "/api/v1/sales/drop/queue");
  expect(refused.headers.get("WWW-Authenticate")).not.toBeNull();
  const { headers: after } = await gateway.send("GET", "/api/v1/sales/drop/status");
  expect([...after.keys()]).toEqual([
    "cache-control",
    "content-type",
    "cross-origin-resource-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
  ]);
});
