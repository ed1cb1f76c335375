import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { DomainEvent } from "../../workers/purchase/events/schemas.ts";
import { Client, type Answer } from "../support/client.ts";

const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** Waits until the sale shows this state to everyone. */
function shows(saleId: string, state: string): Promise<Answer> {
  return client.until(
    () => client.call("GET", `/sales/${saleId}/status`),
    ({ body }) => body["state"] === state,
  );
}

async function join(saleId: string): Promise<Answer> {
  const bearer = await client.guest();
  return client.call("POST", `/sales/${saleId}/queue`, { bearer, body: {} });
}

it("takes nobody before its time, early ones when it may, and keeps their order", async () => {
  const times = { startsAt: inMs(600_000), endsAt: inMs(1_200_000) };
  await client.sale("closed", times);
  const refused = await join("closed");
  expect(refused.body).toMatchObject({ code: "sale_not_started", startsAt: times.startsAt });

  const queue = { prequeueStartsAt: inMs(-1_000) };
  await client.sale("early", { ...times, queue });
  const first = await join("early");
  const second = await join("early");
  expect(first.body).toMatchObject({ state: "early", number: 1, ahead: 0 });
  expect(second.body).toMatchObject({ state: "early", number: 2, ahead: 1 });

  await client.admin("POST", "/sales/early/start");
  const ticket = String(second.body["ticket"]);
  const view = await client.until(
    () => client.call("GET", "/sales/early/queue", { ticket }),
    ({ status }) => status === 401,
  );
  expect(view.body["detail"]).toContain("access token");
});

it("pauses and resumes: joins go on, admission and new holds stop", async () => {
  await client.sale("pausing");
  const inside = await client.admitted("pausing");
  await client.admin("POST", "/sales/pausing/pause");
  await shows("pausing", "paused");
  const joined = await join("pausing");
  expect(joined.body).toMatchObject({ state: "waiting", paused: true, number: 2 });
  const body = { sku: "pausing-phone", quantity: 1 };
  const buy = () => client.call("POST", "/sales/pausing/purchase", { ...inside, key: "k", body });
  expect((await buy()).body["code"]).toBe("sale_paused");
  await client.admin("POST", "/sales/pausing/resume");
  const bought = await buy();
  expect(bought.status).toBe(202);

  const { body: told } = await client.until(
    () => client.admin("GET", "/sales/pausing/events"),
    ({ body }) => JSON.stringify(body).includes("InventoryReserved"),
  );
  const [started, ...ofItem] = (told["events"] as unknown[]).map((event) =>
    DomainEvent.parse(event),
  );
  expect(started).toMatchObject({ id: "sale/pausing/2", type: "FlashSaleStarted" });
  expect(ofItem.find(({ type }) => type === "InventoryReserved")).toMatchObject({
    traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-01$/),
    data: { orderId: bought.body["orderId"] },
  });
});

it("closes when everything is sold and opens again when there is stock", async () => {
  await client.sale("stock", {}, 1);
  const winner = await client.admitted("stock");
  const body = { sku: "stock-phone", quantity: 1 };
  const bought = await client.call("POST", "/sales/stock/purchase", { ...winner, key: "k", body });
  const held = await client.until(
    () => client.call("GET", "/sales/stock/status"),
    (answer) => answer.body["allHeld"] === true,
  );
  expect(held.body["state"]).toBe("active");
  const orderId = String(bought.body["orderId"]);
  await client.call("POST", `/orders/${orderId}/checkout`, {
    ...winner,
    key: "k",
    body: { paymentMethod: "card", paymentToken: "tok_ok" },
  });
  await shows("stock", "sold_out");
  const late = await join("stock");
  expect(late.body).toMatchObject({ state: "closed", reason: "sold_out" });

  const restock = { quantity: 2, reason: "found in the back" };
  const added = await client.admin("POST", "/sales/stock/items/stock-phone/restock", restock);
  expect(added.status).toBe(200);
  const open = await shows("stock", "active");
  expect(open.body["items"]).toMatchObject([{ stock: 3, available: 2, held: 0, sold: 1 }]);
  const tooMuch = { quantity: -3, reason: "a mistake" };
  const refused = await client.admin("POST", "/sales/stock/items/stock-phone/restock", tooMuch);
  expect(refused.body).toMatchObject({ code: "validation_failed" });

  const summary = await client.until(
    () => client.admin("GET", "/sales/stock/summary"),
    (answer) => (answer.body["revenue"] as { amount: number }).amount > 0,
  );
  expect(summary.body).toMatchObject({
    sold: 1,
    oversold: 0,
    shoppers: 1,
    revenue: { amount: 49_900, currency: "EUR" },
    orders: { byStatus: { CONFIRMED: 1 } },
  });
});

it("lets no one in after its end, and lets those who reserved pay", async () => {
  await client.sale("ending");
  const shopper = await client.admitted("ending");
  const body = { sku: "ending-phone", quantity: 1 };
  const bought = await client.call("POST", "/sales/ending/purchase", {
    ...shopper,
    key: "k",
    body,
  });
  await client.admin("POST", "/sales/ending/end");
  expect((await join("ending")).body["code"]).toBe("sale_ended");
  await shows("ending", "ended");
  const { ticket } = shopper;
  const view = await client.call("GET", "/sales/ending/queue", { ticket });
  expect(view.body).toMatchObject({ state: "closed", reason: "ended" });

  const orderId = String(bought.body["orderId"]);
  const paid = await client.call("POST", `/orders/${orderId}/checkout`, {
    ...shopper,
    key: "k",
    body: { paymentMethod: "card", paymentToken: "tok_ok" },
  });
  expect(paid.status).toBe(202);
  const order = await client.until(
    () => client.call("GET", `/orders/${orderId}`, shopper),
    (answer) => answer.body["status"] === "CONFIRMED",
  );
  expect(order.body["status"]).toBe("CONFIRMED");
});

it("is created once however often it is asked for, and owns its SKUs", async () => {
  const first = await client.sale("twice", {}, 5);
  const again = await client.sale("twice", { name: "Another name" }, 50);
  expect(first.status).toBe(201);
  expect(again.body).toEqual(first.body);
  const items = [
    {
      sku: "twice-phone",
      productId: "phone",
      salePrice: { amount: 1, currency: "EUR" },
      stock: 1,
    },
  ];
  const taken = await client.sale("thrice", { items });
  expect(taken.body).toMatchObject({ code: "validation_failed" });
  expect((await client.call("GET", "/sales/thrice")).status).toBe(404);
});
