import { beforeEach, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, FakeGateway, NOON_MS, refusal, sampleSale } from "../testing/fake-gateway.ts";

const API = "/api/v1/admin";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const PRICE = { amount: 49_900, currency: "EUR" };
const ITEM = { sku: "phone-1", productId: "phone", salePrice: PRICE, stock: 5 };
const TIMES = { startsAt: "2026-11-21T12:00:00Z", endsAt: "2026-11-21T15:00:00+02:00" };
const BEACON = { source: "drand", round: "4711" };

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
});

/** The bearer of the admin token, as the books name them. */
function byAdmin(reason: string | null): unknown {
  return expect.objectContaining({ actor: "staff:admin-token", reason });
}

describe("who may do what", () => {
  it.each([
    ["viewer", 200, 403, 403],
    ["operator", 200, 200, 403],
    ["admin", 200, 200, 201],
    ["author", 403, 403, 403],
  ])("%s: look %i, lead %i, create %i", async (role, look, lead, create) => {
    gateway.onPurchase = (method) =>
      method === "commandSale"
        ? { ok: true, sale: sampleSale() }
        : { ok: true, product: { productId: "phone" } };
    const bearer = { headers: await gateway.bearer("u_bea", [role]) };
    expect((await gateway.send("GET", `${API}/sales`, bearer)).status).toBe(look);
    expect((await gateway.send("POST", `${API}/sales/drop/pause`, bearer)).status).toBe(lead);
    const json = { name: "Phone", price: PRICE };
    expect((await gateway.send("POST", `${API}/products`, { ...bearer, json })).status).toBe(
      create,
    );
  });

  it("knows no admin token where none is configured", async () => {
    for (const configured of [null, ""]) {
      gateway = new FakeGateway(configured);
      for (const token of [ADMIN_TOKEN, "", "undefined"]) {
        const sending = { headers: { Authorization: `Bearer ${token}` } };
        expect((await gateway.send("GET", `${API}/sales`, sending)).status).toBe(401);
      }
      expect(gateway.calls).toEqual([]);
    }
  });

  it("refuses tokens that resemble the admin's, and takes the scheme in any case", async () => {
    for (const value of [`Bearer ${ADMIN_TOKEN}x`, `Bearer ${ADMIN_TOKEN.slice(1)}`, ADMIN_TOKEN]) {
      const sending = { headers: { Authorization: value } };
      expect((await gateway.send("GET", `${API}/sales`, sending)).status).toBe(401);
    }
    const sending = { headers: { Authorization: `bearer ${ADMIN_TOKEN}` } };
    expect((await gateway.send("GET", `${API}/sales`, sending)).status).toBe(200);
    const joining = { ...sending, json: {} };
    expect((await gateway.send("POST", "/api/v1/sales/drop/queue", joining)).status).toBe(401);
  });
});

describe("creating", () => {
  it("fills in the contract's defaults", async () => {
    const created: unknown[] = [];
    gateway.onPurchase = (_method, [sale]) => {
      created.push(sale);
      return { ok: true, sale: sampleSale() };
    };
    const json = { name: " Drop ", ...TIMES, items: [ITEM, { ...ITEM, sku: "hot", intakes: 64 }] };
    const answer = await gateway.send("POST", `${API}/sales`, { headers, json });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Location")).toBe("/api/v1/sales/drop");
    expect(created[0]).toEqual({
      saleId: expect.stringMatching(/^sale-[A-Za-z0-9_-]{12}$/),
      name: "Drop",
      draft: false,
      startsAtMs: NOON_MS,
      endsAtMs: NOON_MS + 3_600_000,
      allowGuests: true,
      perShopper: 1,
      holdSeconds: 120,
      items: [ITEM, { ...ITEM, sku: "hot", intakes: 64 }],
      queue: {
        queueingMethod: "fifo",
        newUsersPerMinute: 600,
        totalActiveUsers: 500,
        sessionDurationSeconds: 300,
        disableSessionRenewal: false,
        allowRejoin: true,
        claimSeconds: 90,
        reorderWindowMs: 250,
        lanes: 8,
        prequeueStartsAtMs: null,
        shuffleAtStart: false,
      },
    });
    expect(answer.body).toMatchObject({
      saleId: "drop",
      state: "active",
      items: [{ sku: "phone-1", intakes: 0, stock: 5, available: 5, held: 0, sold: 0 }],
      queue: { nowServing: 0, lastNumber: 10, ratePerMinute: 60, lanes: 8 },
    });
  });

  it("shuffles at the start where shoppers may enter early, and says so", async () => {
    const definition = gateway.sale.definition;
    definition.queue = { ...definition.queue, shuffleAtStart: true };
    gateway.onPurchase = () => ({ ok: true, sale: gateway.sale });
    const queue = { shuffleAtStart: true, prequeueStartsAt: TIMES.startsAt };
    const json = { name: "Drop", ...TIMES, items: [ITEM], queue };
    const answer = await gateway.send("POST", `${API}/sales`, { headers, json });
    expect(answer.status).toBe(201);
    expect(answer.body["queue"]).toMatchObject({ shuffleAtStart: true });
  });

  it.each([
    [{ shuffleAtStart: true, prequeueStartsAt: TIMES.startsAt }],
    [{ queueingMethod: "random" }],
  ])(
    "names a public value where places are drawn, and says so to everyone: %j",
    async (settings) => {
      let given: unknown;
      gateway.onPurchase = (_, [sale]) => {
        given = sale;
        return { ok: true, sale: gateway.sale };
      };
      const publicRandomness = BEACON;
      gateway.sale.definition.queue = { ...gateway.sale.definition.queue, publicRandomness };
      const queue = { ...settings, publicRandomness };
      const json = { name: "Drop", ...TIMES, items: [ITEM], queue };
      const answer = await gateway.send("POST", `${API}/sales`, { headers, json });
      expect(answer.status).toBe(201);
      expect(given).toMatchObject({ queue: { publicRandomness } });
      const told = { ...publicRandomness, value: null, isMissing: false };
      expect(answer.body["queue"]).toMatchObject({ publicRandomness: told });
      const { body } = await gateway.send("GET", "/api/v1/sales/drop", {});
      expect(body["queue"]).toMatchObject({ publicRandomness });
    },
  );

  it.each([
    [{}, ["name", "startsAt", "endsAt", "items"]],
    [
      { name: "x", ...TIMES, items: [ITEM], queue: { shuffleAtStart: true } },
      ["queue.shuffleAtStart"],
    ],
    [
      { name: "x", ...TIMES, items: [ITEM], queue: { publicRandomness: BEACON } },
      ["queue.publicRandomness"],
    ],
    [
      {
        name: "x",
        ...TIMES,
        items: [ITEM],
        queue: {
          queueingMethod: "random",
          publicRandomness: { source: " ", round: "x".repeat(101) },
        },
      },
      ["queue.publicRandomness.source", "queue.publicRandomness.round"],
    ],
    [{ name: "x", ...TIMES, items: [] }, ["items"]],
    [{ name: "x", ...TIMES, endsAt: TIMES.startsAt, items: [ITEM] }, ["endsAt"]],
    [
      { name: "", ...TIMES, endsAt: TIMES.startsAt, items: [ITEM, ITEM] },
      ["name", "endsAt", "items"],
    ],
    [{ name: "x", ...TIMES, startsAt: "tomorrow", items: [ITEM] }, ["startsAt"]],
    [{ name: "x", ...TIMES, saleId: "active", items: [ITEM] }, ["saleId"]],
    [{ name: "x", ...TIMES, saleId: "a b", items: [ITEM] }, ["saleId"]],
    [{ name: "x", ...TIMES, items: [{ ...ITEM, stock: 0 }] }, ["items.0.stock"]],
    [{ name: "x", ...TIMES, items: [{ ...ITEM, intakes: 65 }] }, ["items.0.intakes"]],
    [
      { name: "x", ...TIMES, items: [{ ...ITEM, salePrice: { amount: 1.5, currency: "eur" } }] },
      ["items.0.salePrice.amount", "items.0.salePrice.currency"],
    ],
    [
      {
        name: "x",
        ...TIMES,
        items: [ITEM],
        queue: {
          queueingMethod: "lottery",
          shuffleAtStart: true,
          lanes: 129,
          reorderWindowMs: 501,
        },
      },
      ["queue.queueingMethod", "queue.reorderWindowMs", "queue.lanes", "queue.shuffleAtStart"],
    ],
  ])("names every field that is wrong: %#", async (json, paths) => {
    const answer = await gateway.send("POST", `${API}/sales`, { headers, json });
    expect(answer.body["code"]).toBe("validation_failed");
    const errors = answer.body["errors"] as { path: string; message: string }[];
    expect(errors.map(({ path }) => path)).toEqual(paths);
    for (const { message } of errors) expect(message).not.toContain("undefined");
  });

  it("passes on what the catalogue refuses", async () => {
    const errors = [{ path: "items", message: "SKU phone-1 belongs to another sale." }];
    gateway.onPurchase = () => refusal("validation_failed", { errors });
    const json = { name: "Drop", ...TIMES, items: [ITEM] };
    const answer = await gateway.send("POST", `${API}/sales`, { headers, json });
    expect(answer.body).toMatchObject({ status: 400, errors });
  });

  it("creates products, and shows them at once", async () => {
    await gateway.send("GET", "/api/v1/products/phone");
    gateway.onPurchase = (_method, [product]) => ({ ok: true, product });
    const json = { productId: "phone", name: "Phone", price: PRICE };
    const answer = await gateway.send("POST", `${API}/products`, { headers, json });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ ...json, description: "", images: [] });
    expect((await gateway.send("GET", "/api/v1/products/phone")).body).toEqual(answer.body);
    const bad = {
      ...json,
      images: ["javascript:alert(1)"],
      price: { amount: -1, currency: "EUR" },
    };
    const refused = await gateway.send("POST", `${API}/products`, { headers, json: bad });
    const errors = refused.body["errors"] as { path: string }[];
    expect(errors.map(({ path }) => path)).toEqual(["price.amount", "images.0"]);
  });
});

describe("leading a sale", () => {
  it.each(["start", "pause", "resume", "end"])("%s shows at once", async (command) => {
    await gateway.send("GET", "/api/v1/sales/drop/status");
    const asked: unknown[][] = [];
    gateway.onPurchase = (_method, args) => {
      asked.push(args);
      gateway.board = { ...(gateway.board as object), version: 2 } as typeof gateway.board;
      return { ok: true, sale: sampleSale() };
    };
    const answer = await gateway.send("POST", `${API}/sales/drop/${command}`, { headers });
    expect(answer.status).toBe(200);
    expect(asked).toEqual([["drop", command, byAdmin(null)]]);
    expect((await gateway.send("GET", "/api/v1/sales/drop/status")).body["version"]).toBe(2);
  });

  it("refuses what the state does not allow, and unknown sales", async () => {
    gateway.onPurchase = () => refusal("order_state_conflict");
    const conflict = await gateway.send("POST", `${API}/sales/drop/start`, { headers });
    expect(conflict.status).toBe(409);
    const unknown = await gateway.send("POST", `${API}/sales/nope/start`, { headers });
    expect(unknown.status).toBe(404);
  });

  it("changes what is given and nothing else, and shows it at once", async () => {
    await gateway.send("GET", "/api/v1/sales/drop");
    const asked: unknown[][] = [];
    const renamed = sampleSale();
    renamed.definition.name = "Another";
    gateway.onPurchase = (_method, args) => {
      asked.push(args);
      return { ok: true, sale: renamed };
    };
    const path = `${API}/sales/drop`;
    const json = { name: " Another ", endsAt: TIMES.endsAt, reason: "A typo." };
    const answer = await gateway.send("PATCH", path, { headers, json });
    expect([answer.status, answer.body["name"]]).toEqual([200, "Another"]);
    await gateway.send("PATCH", path, { headers, json: {} });
    const changes = { name: "Another", endsAtMs: NOON_MS + 3_600_000 };
    expect(asked).toEqual([
      ["drop", changes, byAdmin("A typo.")],
      ["drop", {}, byAdmin(null)],
    ]);
    expect((await gateway.send("GET", "/api/v1/sales/drop")).body["name"]).toBe("Another");
    const viewer = { headers: await gateway.bearer("u_bea", ["viewer"]), json };
    expect((await gateway.send("PATCH", path, viewer)).status).toBe(403);
    expect((await gateway.send("PATCH", `${API}/sales/nope`, { headers, json })).status).toBe(404);
  });

  it("names every wrong field of a change, also those that the sale's writer finds", async () => {
    const path = `${API}/sales/drop`;
    const json = { name: "", startsAt: TIMES.endsAt, endsAt: TIMES.startsAt, draft: true };
    const wrong = await gateway.send("PATCH", path, { headers, json });
    const errors = wrong.body["errors"] as { path: string }[];
    expect(errors.map((error) => error.path)).toEqual(["name", "draft", "endsAt"]);
    const found = [{ path: "startsAt", message: "The start has come." }];
    gateway.onPurchase = () => refusal("order_state_conflict", { errors: found });
    const refused = await gateway.send("PATCH", path, { headers, json: { name: "Another" } });
    expect(refused.body).toMatchObject({ status: 409, errors: found });
  });

  it("changes the fields of a product that are given, and shows them at once", async () => {
    await gateway.send("GET", "/api/v1/products/phone");
    const product = { productId: "phone", name: "Phone 2", description: "", price: PRICE };
    const asked: unknown[][] = [];
    gateway.onPurchase = (_method, args) => {
      asked.push(args);
      return { ok: true, product: { ...product, images: [] } };
    };
    const json = { name: "Phone 2", productId: "ignored" };
    const answer = await gateway.send("PATCH", `${API}/products/phone`, { headers, json });
    expect([answer.status, answer.body]).toEqual([200, { ...product, images: [] }]);
    expect(asked).toEqual([["phone", { name: "Phone 2" }, byAdmin(null)]]);
    expect((await gateway.send("GET", "/api/v1/products/phone")).body).toEqual(answer.body);
    gateway.onPurchase = () => refusal("not_found");
    const unknown = await gateway.send("PATCH", `${API}/products/nope`, { headers, json });
    expect(unknown.status).toBe(404);
  });

  it("restocks once for each key, never by nothing", async () => {
    const asked: unknown[][] = [];
    const level = { sku: "phone-1", stock: 8, available: 8, held: 0, sold: 0 };
    gateway.onPurchase = (_method, args) => {
      asked.push(args);
      return { ok: true, level };
    };
    const path = `${API}/sales/drop/items/phone-1/restock`;
    const json = { quantity: 3, reason: "found in the back" };
    const keyed = { ...headers, "Idempotency-Key": "delivery-7" };
    const answer = await gateway.send("POST", path, { headers: keyed, json });
    expect([answer.status, answer.body]).toEqual([200, level]);
    await gateway.send("POST", path, { headers, json });
    const reason = "found in the back";
    expect(asked[0]).toEqual(["phone-1", 3, reason, "delivery-7", byAdmin(reason)]);
    expect(asked[1]?.[3]).toMatch(/^restock-/);
    for (const bad of [
      { quantity: 0, reason: "x" },
      { quantity: 1 },
      { quantity: 1.5, reason: "" },
    ])
      expect((await gateway.send("POST", path, { headers, json: bad })).status).toBe(400);
    const unknown = `${API}/sales/drop/items/nope/restock`;
    expect((await gateway.send("POST", unknown, { headers, json })).status).toBe(404);
    const badKey = { headers: { ...headers, "Idempotency-Key": "" }, json };
    expect((await gateway.send("POST", path, badKey)).status).toBe(400);
  });
});
