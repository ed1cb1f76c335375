import { describe, expect, it } from "vitest";
import { useThreeWorkers } from "../support/three-workers.ts";

const { client } = useThreeWorkers();
const LIST = "/sales/last/waitlist/last-phone";

describe("the waiting list over HTTP", () => {
  it("offers the last unit to the next when it is given back, and everybody can see it", async () => {
    expect((await client.sale("last", {}, 1)).status).toBe(201);
    const ann = await client.admitted("last");
    const body = { sku: "last-phone", quantity: 1 };
    const bought = await client.call("POST", "/sales/last/purchase", { ...ann, key: "k", body });
    const orderId = String(bought.body["orderId"]);

    const bearer = await client.guest();
    const joined = await client.call("POST", "/sales/last/queue", { bearer, body: {} });
    const { ticket, number } = joined.body as { ticket: string; number: number };
    const wait = () => client.call("POST", LIST, { bearer, ticket, body: { quantity: 1 } });
    const first = await wait();
    expect([first.status, first.body]).toMatchObject([201, { state: "waiting", position: 1 }]);
    const again = await wait();
    expect([again.status, again.body]).toEqual([200, first.body]);

    await client.call("POST", `/orders/${orderId}/cancel`, { bearer: ann.bearer, body: {} });
    const offered = await client.call("GET", LIST, { bearer });
    expect(offered.body).toMatchObject({ state: "offered", offerExpiresAt: expect.any(String) });
    const status = await client.until(
      () => client.call("GET", "/sales/last/status"),
      ({ text }) => text.includes(`"offered":[${number}]`),
    );
    expect(status.body["items"]).toMatchObject([{ available: 0, held: 1, waiting: 0 }]);

    const offer = String(offered.body["orderId"]);
    const paid = await client.call("POST", `/orders/${offer}/checkout`, {
      bearer,
      key: "pay",
      body: { paymentMethod: "cod" },
    });
    expect(paid.status).toBe(202);
    const order = await client.call("GET", `/orders/${offer}`, { bearer });
    expect(order.body).toMatchObject({ status: "CONFIRMED", sku: "last-phone" });
    expect((await client.call("DELETE", LIST, { bearer })).status).toBe(204);
    const summary = await client.admin("GET", "/sales/last/summary");
    expect(summary.body["waitlist"]).toEqual([
      { sku: "last-phone", waiting: 0, offered: 0, bought: 1, lapsed: 0, left: 0 },
    ]);
  });
});
