import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shopAt } from "../../books/shop.ts";
import { verifyShop } from "../../books/verify.ts";
import { startLocal } from "../../local/start-local.ts";
import { Client } from "../support/client.ts";

let system: Awaited<ReturnType<typeof startLocal>>;
let client: Client;
let stateDirectory: string;

beforeAll(async () => {
  stateDirectory = await mkdtemp(path.join(tmpdir(), "ropeline-apart-"));
  system = await startLocal({
    port: 0,
    stateDirectory,
    quiet: true,
    purchaseApart: { edgePort: 0 },
  });
  client = new Client((url, init) => fetch(`${system.url}${url}`, init), system.adminToken);
});
afterAll(async () => {
  await system.stop();
  await rm(stateDirectory, { recursive: true, force: true });
});

it("sells by a second edge, and keeps its books, with purchases in a process of their own", async () => {
  const created = await client.sale("apart", { queue: { totalActiveUsers: 10 } });
  expect(created.status).toBe(201);
  const shopper = await client.admitted("apart");
  const { secondEdgeUrl } = system;
  const beside = new Client((url, init) => fetch(`${secondEdgeUrl}${url}`, init), "");
  const bought = await beside.call("POST", "/sales/apart/purchase", {
    ...shopper,
    key: "buy",
    body: { sku: "apart-phone", quantity: 1 },
  });
  expect(bought.status).toBe(202);
  const orderId = String(bought.body["orderId"]);
  await beside.call("POST", `/orders/${orderId}/checkout`, {
    ...shopper,
    key: "pay",
    body: { paymentMethod: "card", paymentToken: "tok_ok" },
  });
  const order = await client.until(
    () => client.call("GET", `/orders/${orderId}/status`, shopper),
    ({ body }) => body["status"] === "CONFIRMED",
  );
  expect(order.body["status"]).toBe("CONFIRMED");
  const status = await client.until(
    () => client.call("GET", "/sales/apart/status"),
    ({ body }) => (body["items"] as { sold: number }[])[0]?.sold === 1,
  );
  expect(status.body["items"]).toMatchObject([{ sold: 1 }]);
  // A chain is exported under the name that its object believes to have.
  const { chains, findings } = await verifyShop(shopAt(system.url, system.adminToken));
  expect({ chains, findings }).toEqual({ chains: 3, findings: [] });
});
