import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { Client } from "../support/client.ts";

/** Someone behind an address, as the edge tells of it; locally nobody does. */
function clientFrom(address?: string): Client {
  return new Client((path, init) => {
    const headers = new Headers(init.headers);
    if (address !== undefined) headers.set("CF-Connecting-IP", address);
    return exports.default.fetch(new Request(`https://shop.example${path}`, { ...init, headers }));
  }, "admin-token-of-the-tests");
}

it("sells to all behind one network what may go there, and says whose limit it was", async () => {
  const home = clientFrom("2001:db8:1:2::7");
  const created = await home.sale("networks", { limits: { perShopper: 1, perAddress: 1 } });
  expect(created.body["limits"]).toEqual({ perShopper: 1, perAddress: 1 });
  const shown = await home.call("GET", "/sales/networks");
  expect(shown.body["limits"]).toEqual({ perShopper: 1, perAddress: 1 });

  const body = { sku: "networks-phone", quantity: 1 };
  const buy = async (client: Client) => {
    const shopper = await client.admitted("networks");
    return client.call("POST", "/sales/networks/purchase", { ...shopper, key: "k", body });
  };
  expect((await buy(home)).status).toBe(202);
  // Another device of the same household has another address of the same network.
  const refused = await buy(clientFrom("2001:db8:1:2::8"));
  expect([refused.status, refused.body]).toEqual([
    409,
    expect.objectContaining({ code: "limit_reached", scope: "address", limit: 1, held: 1 }),
  ]);
  expect((await buy(clientFrom("203.0.113.7"))).status).toBe(202);
  expect((await buy(clientFrom())).status).toBe(202);
});
