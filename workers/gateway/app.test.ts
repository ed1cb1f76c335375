import { beforeEach, describe, expect, it, vi } from "vitest";
import { ALIASES } from "./aliases.ts";
import { createApp } from "./app.ts";
import { bringsBody } from "./endpoint.ts";
import { LeanRoutes } from "./lean-routes.ts";
import { ROUTES } from "./routes/index.ts";
import { cacheControlOf } from "./testing/cache-control.ts";
import { ADMIN_TOKEN, FakeGateway } from "./testing/fake-gateway.ts";

const API = "/api/v1";

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

describe("every answer", () => {
  it("has an id of its own, is not cached and not guessed at", async () => {
    const ids = new Set<string | null>();
    for (const path of ["/health", `${API}/nothing`, `${API}/orders`]) {
      const { headers } = await gateway.send("GET", path);
      ids.add(headers.get("X-Request-Id"));
      expect(headers.get("Cache-Control")).toBe("no-store");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    }
    expect(ids.size).toBe(3);
    expect(ids.has(null)).toBe(false);
  });

  it.each(ROUTES.map(({ on }) => on))(
    "of %s says who may keep it: nobody, unless the route says otherwise",
    async (on) => {
      vi.spyOn(console, "error").mockImplementation(() => {});
      const [method = "", path = ""] = on.split(" ");
      const known = path.replace("{saleId}", "drop").replace("{sku}", "phone-1");
      const asked = known.replace("{+tile}", "0/000").replaceAll(/\{\w+\}/g, "x-1");
      const shopper = {
        ...(await gateway.bearer("g_ann")),
        "Queue-Ticket": gateway.ticket("g_ann"),
      };
      const admin = { Authorization: `Bearer ${ADMIN_TOKEN}` };
      for (const headers of [{}, shopper, admin]) {
        const json = bringsBody(method) ? { json: {} } : {};
        const { status, headers: told } = await gateway.send(method, asked, { headers, ...json });
        expect(told.get("Cache-Control")).toBe(cacheControlOf(method, asked, status));
      }
    },
  );

  it("may be kept where it is the catalogue, or what anyone can work out, and nowhere else", () => {
    const cached = ROUTES.filter(({ to }) => to.spec.maxAgeSeconds !== undefined);
    expect(cached.map(({ on }) => on)).toEqual([
      `GET ${API}/products`,
      `GET ${API}/products/{productId}`,
      `GET ${API}/sales`,
      `GET ${API}/sales/{saleId}`,
      `GET ${API}/sales/{saleId}/fairness`,
      `GET ${API}/sales/{saleId}/fairness/checkpoint`,
      `GET ${API}/sales/{saleId}/fairness/tile/{+tile}`,
      `GET ${API}/sales/{saleId}/fairness/keys`,
    ]);
  });

  it("is a problem where there is nothing", async () => {
    for (const [method, path] of [
      ["GET", `${API}/nothing`],
      ["GET", API],
      ["PUT", `${API}/sales/drop/queue`],
      ["POST", `${API}/sales`],
    ] as const) {
      const { status, body, headers } = await gateway.send(method, path);
      expect([status, body["code"]]).toEqual([404, "not_found"]);
      expect(headers.get("Content-Type")).toBe("application/problem+json");
    }
  });

  it("makes guests that may join", async () => {
    const guest = await gateway.send("POST", `${API}/auth/guest`, { json: {} });
    expect(guest.status).toBe(201);
    expect(guest.body).toMatchObject({ tokenType: "Bearer", expiresIn: 86_400 });
    const headers = { Authorization: `Bearer ${String(guest.body["accessToken"])}` };
    const join = await gateway.send("POST", `${API}/sales/drop/queue`, { headers });
    expect(join.status).toBe(200);
  });
});

describe("operations", () => {
  it("tells whether it runs and whether all answer", async () => {
    expect((await gateway.send("GET", "/health")).body).toEqual({ status: "ok" });
    expect((await gateway.send("GET", "/ready")).body).toEqual({ status: "ready" });
    const away = new Error("The database does not answer.");
    Object.assign(gateway.env, { PURCHASE: { ready: () => Promise.reject(away) } });
    const answer = await gateway.send("GET", "/ready");
    expect(answer.body).toMatchObject({ status: 503, detail: "Not ready: purchase." });
    Object.assign(gateway.env, { BOOKS: { ready: () => Promise.reject(away) } });
    const both = await gateway.send("GET", "/ready");
    expect(both.body).toMatchObject({ detail: "Not ready: purchase, books." });
  });
});

describe("the API document", () => {
  it("lists all routes and aliases, and nothing else", async () => {
    const { body, headers } = await gateway.send("GET", "/openapi.json");
    expect(headers.get("Content-Type")).toBe("application/json");
    expect(body["openapi"]).toBe("3.1.0");
    const paths = body["paths"] as Record<string, Record<string, unknown>>;
    const listed = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = [
      ...ROUTES.map(({ on }) => on.replace("{+", "{")),
      ...ALIASES.map(({ on }) => on),
    ];
    expect(listed.toSorted()).toEqual(served.toSorted());
  });

  it("tells what a purchase needs and what may come of it", async () => {
    const { body } = await gateway.send("GET", "/openapi.json");
    const paths = body["paths"] as Record<string, Record<string, Record<string, unknown>>>;
    const purchase = paths[`${API}/sales/{saleId}/purchase`]?.["post"];
    const parameters = purchase?.["parameters"] as { name: string; required: boolean }[];
    expect(parameters.map(({ name }) => name)).toEqual(["saleId", "Idempotency-Key", "Queue-Pass"]);
    const responses = purchase?.["responses"] as Record<string, { description: string }>;
    expect(Object.keys(responses)).toEqual([
      "202",
      "400",
      "401",
      "403",
      "404",
      "409",
      "413",
      "415",
      "422",
      "500",
      "503",
    ]);
    expect(responses["409"]?.description).toContain("sold_out");
    expect(purchase?.["security"]).toEqual([{ accessToken: [] }]);
    expect(JSON.stringify(purchase?.["requestBody"])).toContain("/schemas/Purchase");
  });
});

describe("aliases", () => {
  let headers: Record<string, string>;

  beforeEach(async () => {
    headers = { ...(await gateway.bearer("g_ann")), "Queue-Pass": gateway.pass("g_ann") };
  });

  it("reserves as a purchase does", async () => {
    const keys: unknown[] = [];
    const answered = gateway.onReserve;
    gateway.onReserve = (command) => {
      keys.push(command["idempotencyKey"]);
      return answered({ ...command, orderId: "order" });
    };
    const json = { saleId: "drop", sku_id: "phone-1", quantity: 1, idempotency_key: "key-1" };
    const aliased = await gateway.send("POST", `${API}/reserve`, { headers, json });
    expect(aliased.status).toBe(202);
    const direct = await gateway.send("POST", `${API}/sales/drop/purchase`, {
      headers: { ...headers, "Idempotency-Key": "key-1" },
      json: { sku: "phone-1", quantity: 1 },
    });
    expect(aliased.text).toBe(direct.text);
    expect(aliased.headers.get("Location")).toBe(direct.headers.get("Location"));
    expect(keys).toEqual(["key-1", "key-1"]);
  });

  it.each([
    [{ saleId: "drop", sku_id: "phone-1", quantity: 1 }, 400, "idempotency_key_required"],
    [{ saleId: "drop", idempotency_key: "k" }, 400, "validation_failed"],
    [{ sku_id: "phone-1", quantity: 1, idempotency_key: "k" }, 400, "validation_failed"],
    [{ saleId: 5, sku_id: "phone-1", quantity: 1, idempotency_key: 5 }, 400, "validation_failed"],
    [{ saleId: "nope", sku_id: "phone-1", quantity: 1, idempotency_key: "k" }, 404, "not_found"],
    [{ saleId: "..", sku_id: "phone-1", quantity: 1 }, 400, "validation_failed"],
    [{ saleId: "\ud800", sku_id: "phone-1", quantity: 1 }, 400, "validation_failed"],
    [{ saleId: "drop", sku_id: "phone-1", idempotency_key: "a\nb" }, 400, "validation_failed"],
    [{ saleId: "drop", sku_id: "phone-1", idempotency_key: "\u2603" }, 400, "validation_failed"],
    [{ saleId: "drop", sku_id: "phone-1", idempotency_key: "" }, 400, "validation_failed"],
  ])("judges %o as the purchase would", async (json, status, code) => {
    const answer = await gateway.send("POST", `${API}/reserve`, { headers, json });
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
    const anonymous = await gateway.send("POST", `${API}/reserve`, { json });
    expect(anonymous.status).toBe(401);
  });

  it("pays as a checkout does, and keeps the bound of bodies", async () => {
    const json = {
      reservation_id: "phone-1.x.y",
      payment_method_id: "tok_ok",
      idempotency_key: "k",
    };
    const answer = await gateway.send("POST", `${API}/checkout`, { headers, json });
    expect(answer.status).toBe(404);
    const odd = { ...json, reservation_id: ".." };
    expect((await gateway.send("POST", `${API}/checkout`, { headers, json: odd })).status).toBe(
      400,
    );
    const big = { ...json, filling: "x".repeat(16_384) };
    expect((await gateway.send("POST", `${API}/checkout`, { headers, json: big })).status).toBe(
      413,
    );
  });

  it("are these and no others", () => {
    expect(ALIASES.map(({ on }) => on)).toEqual([
      `GET ${API}/sales/active`,
      `POST ${API}/reserve`,
      `POST ${API}/checkout`,
      `PUT ${API}/orders/{orderId}/cancel`,
      `POST ${API}/payments/process`,
    ]);
  });
});

it("answers polls, and who would buy without a pass, beside their routes", () => {
  const add = vi.spyOn(LeanRoutes.prototype, "add");
  createApp();
  const short = add.mock.calls.filter(([, , shortcut]) => shortcut !== undefined);
  expect(short.map(([on]) => on)).toEqual([
    `GET ${API}/sales/{saleId}/queue`,
    `POST ${API}/sales/{saleId}/purchase`,
  ]);
});
