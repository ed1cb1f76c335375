import { abortAllDurableObjects } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { Client } from "../support/client.ts";

const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

/** Objects lose their memory whenever the platform likes; what they told someone must stand. */
it("keeps place, pass and order when every object is lost", async () => {
  await client.sale("lost");
  const shopper = await client.admitted("lost");
  const purchase = { ...shopper, key: "k", body: { sku: "lost-phone", quantity: 1 } };
  const bought = await client.call("POST", "/sales/lost/purchase", purchase);
  await abortAllDurableObjects();

  const { bearer, ticket, pass } = shopper;
  const joined = await client.call("POST", "/sales/lost/queue", { bearer, body: {} });
  expect([joined.status, joined.body["ticket"]]).toEqual([200, ticket]);
  const again = await client.call("GET", "/sales/lost/queue", { bearer, ticket });
  expect(again.body).toMatchObject({ state: "admitted", pass });
  expect((await client.call("POST", "/sales/lost/purchase", purchase)).text).toBe(bought.text);
  const order = await client.call("GET", `/orders/${String(bought.body["orderId"])}`, shopper);
  expect(order.body).toMatchObject({ status: "RESERVED", version: 1 });
});
