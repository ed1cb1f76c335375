import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { sha256Hex } from "../../domain/hash.ts";
import { permute } from "../../domain/queue/permutation.ts";
import { Client } from "../support/client.ts";

const ADMIN_TOKEN = "admin-token-of-the-tests";

const harness = createTestHarness({
  workers: [
    {
      configPath: "wrangler.toml",
      vars: { ADMIN_TOKEN },
      secrets: { TOKEN_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" },
    },
    { configPath: "workers/purchase/wrangler.toml" },
    { configPath: "workers/waiting-room/wrangler.toml" },
  ],
});
const client = new Client(
  (path, init) => harness.fetch(path, init as never) as unknown as Promise<Response>,
  ADMIN_TOKEN,
);

beforeAll(async () => {
  await harness.listen();
  await harness.getWorker("ropeline-purchase").applyD1Migrations("DB");
});
afterAll(() => harness.close());

/** The three Workers as they are deployed, bound to each other by their own configurations. */
describe("a purchase across the three Workers", () => {
  it("goes from a guest to a confirmed order in every book", async () => {
    const created = await client.sale("walk");
    expect(created.status).toBe(201);
    const shopper = await client.admitted("walk");

    const buy = () =>
      client.call("POST", "/sales/walk/purchase", {
        ...shopper,
        key: "buy-1",
        body: { sku: "walk-phone", quantity: 1 },
      });
    const bought = await buy();
    expect(bought.status).toBe(202);
    const orderId = String(bought.body["orderId"]);
    expect(bought.headers.get("Location")).toBe(`/api/v1/orders/${orderId}`);
    expect(bought.body).toMatchObject({
      status: "RESERVED",
      total: { amount: 49_900, currency: "EUR" },
    });
    expect((await buy()).text).toBe(bought.text);

    const paid = await client.call("POST", `/orders/${orderId}/checkout`, {
      ...shopper,
      key: "pay-1",
      body: { paymentMethod: "card", paymentToken: "tok_ok" },
    });
    expect([paid.status, paid.body]).toEqual([202, { orderId, status: "PAYMENT_PENDING" }]);
    const order = await client.until(
      () => client.call("GET", `/orders/${orderId}/status`, shopper),
      ({ body }) => body["status"] === "CONFIRMED",
    );
    expect(order.body).toMatchObject({ orderId, status: "CONFIRMED", quantity: 1 });

    const listed = await client.until(
      () => client.admin("GET", "/orders?saleId=walk&status=CONFIRMED"),
      ({ body }) => (body["orders"] as unknown[]).length === 1,
    );
    expect(listed.body["orders"]).toMatchObject([{ orderId, status: "CONFIRMED" }]);
    const ledger = await client.admin("GET", "/sales/walk/ledger?sku=walk-phone");
    const types = (ledger.body["rows"] as { type: string }[]).map((row) => row.type);
    expect(types.slice(0, 4)).toEqual(["created", "reserved", "payment_pending", "confirmed"]);
    const status = await client.until(
      () => client.call("GET", "/sales/walk/status"),
      ({ body }) => (body["items"] as { sold: number }[])[0]?.sold === 1,
    );
    expect(status.body["items"]).toEqual([
      { sku: "walk-phone", stock: 10, available: 9, held: 0, sold: 1 },
    ]);
    const { DB } = await harness.getWorker<PurchaseEnv>("ropeline-purchase").getEnv();
    const messages = await DB.prepare("SELECT kind FROM message WHERE order_id = ? ORDER BY kind")
      .bind(orderId)
      .all<{ kind: string }>();
    expect(messages.results.map((row) => row.kind)).toEqual(["confirmed", "reserved"]);
  });

  it("draws the places of early entrants at the start, where anyone can recompute them", async () => {
    const nowMs = Date.now();
    const created = await client.sale("early", {
      startsAt: new Date(nowMs + 600_000).toISOString(),
      queue: { shuffleAtStart: true, prequeueStartsAt: new Date(nowMs - 1_000).toISOString() },
    });
    expect([created.status, created.body["state"]]).toEqual([201, "prequeue"]);
    const shuffleOf = async () => {
      const { body } = await client.call("GET", "/sales/early/status");
      return (body["queue"] as Record<string, unknown>)["shuffle"] as Record<string, unknown>;
    };
    const promised = await shuffleOf();
    expect(promised).toMatchObject({ seed: null, earlyEntrants: null });
    const entrants: { bearer: string; ticket: string }[] = [];
    for (let index = 1; index <= 3; index++) {
      const bearer = await client.guest();
      const { body } = await client.call("POST", "/sales/early/queue", { bearer, body: {} });
      expect(body).toMatchObject({ state: "early", number: null });
      entrants.push({ bearer, ticket: String(body["ticket"]) });
    }

    expect((await client.admin("POST", "/sales/early/start")).status).toBe(200);
    const admitted = await Promise.all(
      entrants.map((entrant) =>
        client.until(
          () => client.call("GET", "/sales/early/queue", entrant),
          ({ body }) => body["state"] === "admitted",
        ),
      ),
    );
    const { seedHash, seed, earlyEntrants } = await shuffleOf();
    expect([seedHash, earlyEntrants]).toEqual([promised["seedHash"], 3]);
    expect(sha256Hex(String(seed))).toBe(seedHash);
    // They joined one after the other: the first has index 1.
    expect(admitted.map(({ body }) => body["number"])).toEqual(
      [1, 2, 3].map((index) => permute(String(seed), index, 3)),
    );
  });
});
