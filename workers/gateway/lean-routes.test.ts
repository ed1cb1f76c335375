import { expect, it } from "vitest";
import type { Board } from "../../domain/queue/board.ts";
import { LeanRoutes } from "./lean-routes.ts";
import { FakeGateway, ORIGIN, sampleBoard } from "./testing/fake-gateway.ts";

const SALE = "/api/v1/sales/drop";
const KEY = { "Idempotency-Key": "k" };
const BODY = { sku: "phone-1", quantity: 1 };

/** What differs from one answer to the next whatever the way: ids and tokens. */
function steady(text: string): string {
  return text.replaceAll(/"(requestId|orderId|ticket)":"[^"]+"/g, '"$1":"…"');
}

it.each([
  ["a join", "POST", "queue", { json: {} }],
  ["a join without a body", "POST", "queue", {}],
  ["a join before the start", "POST", "queue", { json: {} }, "scheduled"],
  ["a join of what is no JSON", "POST", "queue", { raw: "{", type: "application/json" }],
  ["a purchase", "POST", "purchase", { json: BODY, headers: KEY, pass: true }],
  ["a purchase without a pass", "POST", "purchase", { json: BODY, headers: KEY }],
  ["a purchase without a key", "POST", "purchase", { json: BODY, pass: true }],
  ["a purchase of nothing", "POST", "purchase", { json: {}, headers: KEY, pass: true }],
  ["a poll with an access token", "GET", "queue", { ticket: true }],
  ["a departure", "DELETE", "queue", { ticket: true }],
  ["the status", "GET", "status", {}],
  ["what there is not", "GET", "nothing", {}],
] as const)(
  "says what the route says by Hono: %s",
  async (_, method, word, sending, state: Board["state"] = "active") => {
    const gateway = new FakeGateway();
    gateway.board = sampleBoard({ state });
    const { json, raw, type, headers, pass, ticket } = sending as Record<string, never>;
    const sent = {
      ...(json === undefined ? {} : { json }),
      ...(raw === undefined ? {} : { raw }),
      headers: {
        ...(await gateway.bearer("g_ann")),
        ...(type === undefined ? {} : { "Content-Type": type }),
        ...(pass === undefined ? {} : { "Queue-Pass": gateway.pass("g_ann") }),
        ...(ticket === undefined ? {} : { "Queue-Ticket": gateway.ticket("g_ann") }),
        ...(headers as object | undefined),
      },
    };
    const lean = await gateway.send(method, `${SALE}/${word}`, sent);
    // With a query the way is the usual one.
    const usual = await gateway.send(method, `${SALE}/${word}?`, sent);
    expect(lean.status).toBe(usual.status);
    expect(steady(lean.text)).toBe(steady(usual.text));
    const own = ["x-request-id", "location", "set-cookie"];
    const others = (given: Headers) => [...given].filter(([name]) => !own.includes(name));
    expect(others(lean.headers)).toEqual(others(usual.headers));
    for (const name of own) expect(lean.headers.has(name)).toBe(usual.headers.has(name));
  },
);

it.each([
  ["GET", "/status", true],
  ["POST", "/status", false],
  ["HEAD", "/status", false],
  ["GET", "/status?", false],
  ["GET", "/status/", false],
  ["GET", "/other", false],
  ["GET", "%20/status", false],
  ["GET", "/status/x", false],
  ["GET", "/x/api/v1/sales/drop/status", false],
])("takes only what is plainly addressed: %s %s", (method, rest, isTaken) => {
  const gateway = new FakeGateway();
  const routes = new LeanRoutes();
  routes.add("GET /api/v1/sales/{saleId}/status", () => new Response());
  routes.add("GET /api/v1/orders/{orderId}/other", () => new Response());
  const request = new Request(`${ORIGIN}${SALE}${rest}`, { method });
  expect(routes.answer(request, gateway.env, {}) !== null).toBe(isTaken);
});

it("asks a route's shortcut first, and the route for what that leaves", async () => {
  const gateway = new FakeGateway();
  const routes = new LeanRoutes();
  const asked: unknown[] = [];
  routes.add(
    "GET /api/v1/sales/{saleId}/status",
    () => new Response("by the route"),
    ({ path, raw, saleId }) => {
      asked.push([path, saleId]);
      return raw.headers.has("Cookie") ? null : new Response("by the shortcut");
    },
  );
  const said = async (headers: Record<string, string>) => {
    const request = new Request(`${ORIGIN}${SALE}/status`, { headers });
    return await (await routes.answer(request, gateway.env, {}))?.text();
  };
  expect(await said({})).toBe("by the shortcut");
  expect(await said({ Cookie: "a=b" })).toBe("by the route");
  expect(asked).toEqual([
    [`${SALE}/status`, "drop"],
    [`${SALE}/status`, "drop"],
  ]);
});
