import { describe, expect, it } from "vitest";
import type { Answer } from "../support/client.ts";
import { useThreeWorkers } from "../support/three-workers.ts";

const { client } = useThreeWorkers();

const LIMIT = 3;
/** Each is sent twice at once: 500 purchases. */
const KEYS = Array.from({ length: 250 }, (_, index) => `key-${index}`);

/** The bytes of what was accepted; of a refusal all but the id of the request. */
function saidBy({ status, text, body }: Answer): unknown {
  return status === 202 ? text : { ...body, requestId: null };
}

describe("500 purchases of one shopper at once", () => {
  it("get exactly the limit over HTTP, a key the same answer however often, and are charged once each", async () => {
    await client.sale("greedy", { limits: { perShopper: LIMIT } }, 600);
    const shopper = await client.admitted("greedy");
    const body = { sku: "greedy-phone", quantity: 1 };
    const buyAll = (keys: readonly string[]) =>
      Promise.all(
        keys.map((key) => client.call("POST", "/sales/greedy/purchase", { ...shopper, key, body })),
      );
    const answers = await buyAll([...KEYS, ...KEYS]);
    const [once, twice] = [answers.slice(0, KEYS.length), answers.slice(KEYS.length)];
    const said = once.map(saidBy);
    expect(twice.map(saidBy)).toEqual(said);
    expect((await buyAll(KEYS)).map(saidBy)).toEqual(said);
    const refused = once.filter(({ status }) => status !== 202);
    expect(refused).toHaveLength(KEYS.length - LIMIT);
    const limits = { scope: "shopper", limit: LIMIT, held: LIMIT, bought: 0 };
    for (const refusal of refused)
      expect(refusal).toMatchObject({ status: 409, body: { code: "limit_reached", ...limits } });

    const orderIds = once.flatMap(({ body: { orderId } }) =>
      typeof orderId === "string" ? [orderId] : [],
    );
    const card = { paymentMethod: "card", paymentToken: "tok_ok" };
    for (const orderId of orderIds) {
      const path = `/orders/${orderId}`;
      await client.call("POST", `${path}/checkout`, { ...shopper, key: "pay", body: card });
      const paid = await client.until(
        () => client.call("GET", path, shopper),
        (order) => order.text.includes('"captured"'),
      );
      expect(paid.body).toMatchObject({ status: "CONFIRMED", payment: { status: "captured" } });
    }
    const ledger = await client.admin("GET", "/sales/greedy/ledger?sku=greedy-phone");
    const types = (ledger.body["rows"] as { type: string }[]).map(({ type }) => type);
    expect(types.filter((type) => type === "reserved")).toHaveLength(LIMIT);
    const books = await client.admin("GET", "/sandbox/payments?sku=greedy-phone");
    const payments = books.body["payments"] as { orderId: string; bookings: { kind: string }[] }[];
    expect(payments.map(({ orderId }) => orderId).toSorted()).toEqual(orderIds.toSorted());
    for (const { bookings } of payments)
      expect(bookings.map(({ kind }) => kind)).toEqual(["charge", "capture"]);
    const status = await client.until(
      () => client.call("GET", "/sales/greedy/status"),
      (answer) => answer.text.includes(`"sold":${LIMIT}`),
    );
    expect(status.body["items"]).toMatchObject([
      { sku: "greedy-phone", stock: 600, available: 597, held: 0, sold: LIMIT },
    ]);
  });
});
