import { describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../../domain/hash.ts";
import { permute } from "../../domain/queue/permutation.ts";
import { sandboxWebhook } from "../../workers/purchase/providers/sandbox-webhooks.ts";
import { SANDBOX_WEBHOOK_SECRET, useThreeWorkers } from "../support/three-workers.ts";

const { harness, client } = useThreeWorkers();

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
      { sku: "walk-phone", stock: 10, available: 9, held: 0, sold: 1, waiting: 0, offered: [] },
    ]);
    const { DB } = await harness.getWorker<PurchaseEnv>("ropeline-purchase").getEnv();
    const messages = await DB.prepare("SELECT kind FROM message WHERE order_id = ? ORDER BY kind")
      .bind(orderId)
      .all<{ kind: string }>();
    expect(messages.results.map((row) => row.kind)).toEqual(["confirmed", "reserved"]);
  });

  it("pays on delivery, and gives money and units back", async () => {
    await client.sale("refunds");
    const orderIds = new Map<string, string>();
    for (const [paymentMethod, paymentToken] of [["card", "tok_timeout_ok"], ["cod"]] as const) {
      const shopper = await client.admitted("refunds");
      const body = { sku: "refunds-phone", quantity: 1 };
      const bought = await client.call("POST", "/sales/refunds/purchase", {
        ...shopper,
        key: "buy-1",
        body,
      });
      const orderId = String(bought.body["orderId"]);
      const paid = await client.call("POST", `/orders/${orderId}/checkout`, {
        ...shopper,
        key: "pay-1",
        body: { paymentMethod, ...(paymentToken ? { paymentToken } : {}) },
      });
      const status = paymentMethod === "cod" ? "CONFIRMED" : "PAYMENT_PENDING";
      expect([paid.status, paid.body]).toEqual([202, { orderId, status }]);
      orderIds.set(paymentMethod, orderId);
      await client.until(
        () => client.call("GET", `/orders/${orderId}`, shopper),
        ({ body }) =>
          ["captured", "on_delivery"].includes((body["payment"] as { status: string })?.status),
      );
    }
    for (const orderId of orderIds.values()) {
      const refunded = await client.admin("POST", `/orders/${orderId}/refund`, {
        reason: "broken",
      });
      expect(refunded.status).toBe(200);
    }
    const ended = await client.until(
      () => client.admin("GET", "/orders?saleId=refunds"),
      ({ body }) =>
        (body["orders"] as { status: string }[]).filter(({ status }) =>
          ["REFUNDED", "CANCELLED"].includes(status),
        ).length === 2,
    );
    const orders = ended.body["orders"] as { orderId: string; status: string }[];
    expect(new Map(orders.map(({ orderId, status }) => [orderId, status]))).toEqual(
      new Map([
        [orderIds.get("card"), "REFUNDED"],
        [orderIds.get("cod"), "CANCELLED"],
      ]),
    );
    const status = await client.until(
      () => client.call("GET", "/sales/refunds/status"),
      ({ body }) => (body["items"] as { available: number }[])[0]?.available === 10,
    );
    expect(status.body["items"]).toMatchObject([{ stock: 10, available: 10, held: 0, sold: 0 }]);
    const attention = await client.admin("GET", "/attention?saleId=refunds");
    expect(attention.body).toEqual({ orders: [], items: [] });
  });

  it("hears from its provider by webhook: first, twice, after the bank, and never unsigned", async () => {
    const sku = "told-phone";
    await client.sale("told");
    const orderIds: string[] = [];
    for (const paymentToken of ["tok_webhook_first", "tok_webhook_twice", "tok_action"]) {
      const shopper = { ...(await client.admitted("told")), key: "1" };
      const body = { sku, quantity: 1 };
      const bought = await client.call("POST", "/sales/told/purchase", { ...shopper, body });
      const orderId = String(bought.body["orderId"]);
      orderIds.push(orderId);
      await client.call("POST", `/orders/${orderId}/checkout`, {
        ...shopper,
        body: { paymentMethod: "card", paymentToken },
      });
      const status = () => client.call("GET", `/payments/status/${orderId}:1`, shopper);
      if (paymentToken === "tok_action") {
        const asked = await client.until(status, ({ body }) => body["nextAction"] !== undefined);
        const { url } = asked.body["nextAction"] as { url: string };
        const challenge = new URLSearchParams(url.split("?")[1]).get("challenge") ?? "";
        const bank = `/sandbox/bank/${encodeURIComponent(challenge)}`;
        const approved = await client.call("POST", bank, { body: { answer: "approve" } });
        expect(approved.body).toMatchObject({ orderId, state: "approved" });
        const order = await client.call("GET", `/orders/${orderId}`, shopper);
        expect(order.body["status"]).toBe("CONFIRMED");
      }
      const paid = await client.until(status, ({ body }) => body["status"] === "captured");
      expect(paid.body).toMatchObject({ status: "captured", attempt: 1 });
      const stranger = { bearer: await client.guest() };
      const theirs = await client.call("GET", `/payments/status/${orderId}:1`, stranger);
      expect(theirs.status).toBe(404);
    }
    const key = `${orderIds[0]}:1`;
    const news = { idempotencyKey: key, kind: "captured", reason: null, currency: "EUR" } as const;
    for (const [amount, secret, status, code] of [
      [49_900, SANDBOX_WEBHOOK_SECRET, 200, undefined],
      [49_900, "whsec_YW5vdGhlcg==", 400, "webhook_invalid"],
      [1, SANDBOX_WEBHOOK_SECRET, 400, "validation_failed"],
    ] as const) {
      const { body, headers } = sandboxWebhook(secret, { ...news, amount }, Date.now());
      const init = { method: "POST", body, headers };
      const answer = await harness.fetch("/api/v1/payments/webhooks/sandbox", init as never);
      const told = (await answer.json()) as { code?: string };
      expect([answer.status, told.code]).toEqual([status, code]);
    }
    const listed = await client.until(
      () => client.admin("GET", "/attention?saleId=told"),
      ({ body }) => (body["orders"] as unknown[]).length === 1,
    );
    expect(listed.body["orders"]).toMatchObject([{ orderId: orderIds[0], status: "CONFIRMED" }]);
    const { DB } = await harness.getWorker<PurchaseEnv>("ropeline-purchase").getEnv();
    const booked = await DB.prepare(
      `SELECT kind, count(*) AS times FROM sandbox_booking WHERE idempotency_key LIKE ?
       GROUP BY kind ORDER BY kind`,
    )
      .bind(`${sku}.%`)
      .all();
    expect(booked.results).toEqual([
      { kind: "capture", times: 3 },
      { kind: "charge", times: 3 },
    ]);
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
    expect(promised).toMatchObject({ seed: null, ends: [] });
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
    const { seedHash, seed, ends } = await shuffleOf();
    expect([seedHash, ends]).toEqual([promised["seedHash"], [3]]);
    expect(sha256Hex(String(seed))).toBe(seedHash);
    // They joined one after the other: the first has index 1.
    expect(admitted.map(({ body }) => body["number"])).toEqual(
      [1, 2, 3].map((index) => permute(String(seed), index, 3)),
    );
  });
});

describe("a socket across the three Workers", () => {
  /** Opens a WebSocket; what it brought, and how the opening was answered. */
  async function open(url: string, origin?: string) {
    const address = new URL(url);
    const headers = { Upgrade: "websocket", ...(origin === undefined ? {} : { Origin: origin }) };
    const response = await harness.fetch(address.pathname + address.search, { headers });
    const socket = response.webSocket;
    const messages: Record<string, unknown>[] = [];
    socket?.addEventListener("message", ({ data }) => {
      if (typeof data === "string") messages.push(JSON.parse(data) as Record<string, unknown>);
    });
    socket?.accept();
    const problem = socket ? null : ((await response.json()) as Record<string, unknown>);
    return { status: response.status, socket, messages, problem };
  }

  async function inTime(check: () => void): Promise<void> {
    await vi.waitFor(check, { timeout: 3_000, interval: 20 });
  }

  it("brings the board, and what an admin changes, within three seconds", async () => {
    await client.sale("live");
    const bearer = await client.guest();
    const joined = await client.call("POST", "/sales/live/queue", { bearer, body: {} });
    const ticket = String(joined.body["ticket"]);
    const ask = () => client.call("POST", "/sales/live/live", { ticket, body: {} });
    const asked = await ask();
    expect(asked.status).toBe(200);
    const url = String(asked.body["url"]);
    const { status, messages, socket } = await open(url);
    expect(status).toBe(101);
    await inTime(() => expect(messages[0]).toMatchObject({ type: "board", saleId: "live" }));
    await client.admin("POST", "/sales/live/pause");
    await inTime(() => expect(messages.at(-1)).toMatchObject({ state: "paused" }));

    expect(await open(url)).toMatchObject({
      status: 403,
      problem: { code: "live_token_invalid", status: 403 },
    });
    const other = String((await ask()).body["url"]);
    expect(await open(other, "https://elsewhere.example")).toMatchObject({
      status: 403,
      problem: { code: "forbidden" },
    });
    socket?.close();
  });
});

describe("leading a line across the three Workers", () => {
  it("holds, tells, lowers, opens and revokes, and every edge knows at once", async () => {
    await client.sale("led", { queue: { totalActiveUsers: 1, reorderWindowMs: 0 } });
    const inside = await client.admitted("led");
    const bearer = await client.guest();
    const joined = await client.call("POST", "/sales/led/queue", { bearer, body: {} });
    const ticket = String(joined.body["ticket"]);
    const look = () => client.call("GET", "/sales/led/queue", { bearer, ticket });

    const told = { message: "Back in five minutes.", queueAll: true, reason: "Slow checkout." };
    const adjusted = await client.admin("PATCH", "/sales/led/queue", told);
    expect(adjusted.status).toBe(200);
    expect(adjusted.body["queue"]).toMatchObject({ queueAll: true, totalActiveUsers: 1 });
    expect((await look()).body).toMatchObject({
      state: "waiting",
      paused: true,
      message: "Back in five minutes.",
    });

    await client.admin("PATCH", "/sales/led/queue", { queueAll: false, message: null });
    const revoke = { number: 1, reason: "A bot." };
    expect((await client.admin("POST", "/sales/led/queue/revoke", revoke)).status).toBe(200);
    const purchase = await client.call("POST", "/sales/led/purchase", {
      ...inside,
      key: "late",
      body: { sku: "led-phone", quantity: 1 },
    });
    expect([purchase.status, purchase.body["code"]]).toEqual([403, "pass_invalid"]);
    expect((await client.call("GET", "/sales/led/queue", inside)).body).toMatchObject({
      state: "closed",
      reason: "revoked",
    });
    const next = await client.until(look, ({ body }) => body["state"] === "admitted");
    expect(next.body).toMatchObject({ state: "admitted", message: null });

    await client.admin("PATCH", "/sales/led/queue", { draining: true });
    const audit = await client.admin("GET", "/audit?saleId=led");
    expect(audit.body["rows"]).toMatchObject([
      { sequence: 1, type: "created" },
      { sequence: 2, type: "started" },
      {
        sequence: 3,
        actor: "staff:admin-token",
        reason: "Slow checkout.",
        action: { queueAll: true },
      },
      { sequence: 4, action: { queueAll: false, message: null } },
      { sequence: 5, reason: "A bot.", action: { revoke: 1 } },
      { sequence: 6, action: { draining: true } },
    ]);
    const late = await client.guest();
    const refused = await client.call("POST", "/sales/led/queue", { bearer: late, body: {} });
    expect([refused.status, refused.body["code"]]).toEqual([409, "sale_ended"]);
    const again = await client.call("POST", "/sales/led/queue", { bearer, body: {} });
    expect(again.status).toBe(200);
  });
});
