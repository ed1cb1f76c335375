import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { Client, type Answer } from "../support/client.ts";

const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

const HOUR_MS = 3_600_000;
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

function change(saleId: string, changes: object): Promise<Answer> {
  return client.admin("PATCH", `/sales/${saleId}`, changes);
}

async function join(saleId: string): Promise<Answer> {
  const bearer = await client.guest();
  return client.call("POST", `/sales/${saleId}/queue`, { bearer, body: {} });
}

it("moves the start: early entrants keep their draw, the sale starts at the new time alone", async () => {
  const queue = { prequeueStartsAt: inMs(-1_000), shuffleAtStart: true };
  await client.sale("moving", { startsAt: inMs(HOUR_MS), endsAt: inMs(2 * HOUR_MS), queue });
  const early = await join("moving");
  expect(early.body).toMatchObject({ state: "early", number: null });
  const promised = await client.call("GET", "/sales/moving/status");

  const startsAt = inMs(1.5 * HOUR_MS);
  const moved = await change("moving", { startsAt, name: "A late drop", reason: "No stage yet." });
  expect(moved.body).toMatchObject({ startsAt, state: "prequeue", name: "A late drop" });
  const shown = await client.call("GET", "/sales/moving");
  expect(shown.body).toMatchObject({ startsAt, name: "A late drop" });

  const begun = await change("moving", { startsAt: inMs(-1) });
  expect(begun.body).toMatchObject({ state: "active" });
  const status = await client.call("GET", "/sales/moving/status");
  const shuffleOf = ({ body }: Answer) => (body["queue"] as { shuffle: object }).shuffle;
  expect(shuffleOf(status)).toMatchObject({ ...shuffleOf(promised), ends: [1], seed: /./ });

  const late = await change("moving", { startsAt });
  expect(late.status).toBe(409);
  expect(late.body).toMatchObject({
    code: "order_state_conflict",
    errors: [{ path: "startsAt" }],
  });
  const audit = await client.admin("GET", "/audit?saleId=moving");
  const byClock = { type: "started", actor: "system:clock" };
  expect(audit.body["rows"]).not.toContainEqual(expect.objectContaining(byClock));
  expect(audit.body["rows"]).toMatchObject([
    { type: "created" },
    { reason: "No stage yet.", action: { startsAtMs: Date.parse(startsAt), name: "A late drop" } },
    { actor: "staff:admin-token", action: { startsAtMs: expect.any(Number) } },
    { type: "started" },
  ]);
});

it("moves the end: nobody buys after it, and who reserved before it pays", async () => {
  await client.sale("shorter");
  const shopper = await client.admitted("shorter");
  const body = { sku: "shorter-phone", quantity: 1 };
  const buying = { ...shopper, key: "k", body };
  const bought = await client.call("POST", "/sales/shorter/purchase", buying);
  const endsAt = inMs(1_500);
  expect((await change("shorter", { endsAt })).body).toMatchObject({ endsAt, state: "active" });
  const ended = await client.until(
    () => client.call("GET", "/sales/shorter/status"),
    (answer) => answer.body["state"] === "ended",
  );
  expect(ended.body).toMatchObject({ state: "ended", endsAt });
  const late = { ...shopper, key: "late", body };
  expect((await client.call("POST", "/sales/shorter/purchase", late)).body["code"]).toBe(
    "sale_ended",
  );
  const paid = await client.call("POST", `/orders/${String(bought.body["orderId"])}/checkout`, {
    ...shopper,
    key: "k",
    body: { paymentMethod: "card", paymentToken: "tok_ok" },
  });
  expect(paid.status).toBe(202);
  expect((await change("shorter", { endsAt: inMs(HOUR_MS) })).body["code"]).toBe(
    "order_state_conflict",
  );
});

it("schedules a draft, with times of its own, and never takes it back", async () => {
  const times = { startsAt: inMs(-2 * HOUR_MS), endsAt: inMs(-HOUR_MS) };
  await client.sale("drafted", { ...times, draft: true });
  expect((await client.call("GET", "/sales/drafted")).status).toBe(404);
  const past = await change("drafted", { draft: false });
  expect(past.body).toMatchObject({ code: "validation_failed", errors: [{ path: "endsAt" }] });
  const scheduled = { startsAt: inMs(HOUR_MS), endsAt: inMs(2 * HOUR_MS), draft: false };
  expect((await change("drafted", scheduled)).body).toMatchObject({ state: "scheduled" });
  expect((await client.call("GET", "/sales/drafted")).body).toMatchObject({ state: "scheduled" });
  expect((await change("drafted", { draft: true })).status).toBe(400);
});

it("changes a product, and not the sales that sell it", async () => {
  await client.sale("selling");
  const price = { amount: 89_900, currency: "EUR" };
  const changed = await client.admin("PATCH", "/products/phone", { name: "Phone 2", price });
  const images = ["/images/phone.svg"];
  const phone = { productId: "phone", name: "Phone 2", description: "", price, images };
  expect([changed.status, changed.body]).toEqual([200, phone]);
  expect((await client.call("GET", "/products/phone")).body).toEqual(phone);
  const sale = await client.call("GET", "/sales/selling");
  expect(sale.body["items"]).toMatchObject([{ name: "Phone", regularPrice: { amount: 99_900 } }]);
  const fewer = await client.admin("PATCH", "/products/phone", { images: [] });
  expect(fewer.body).toEqual({ ...phone, images: [] });
  expect((await client.admin("PATCH", "/products/nothing", { name: "x" })).status).toBe(404);
});
