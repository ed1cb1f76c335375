import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startLocal } from "../../local/start-local.ts";
import { Client } from "../support/client.ts";

const SHOPPERS = 1_000;
const POLLS_EACH = 10;
/** Requests under way at once: enough to keep both cores busy. */
const CONCURRENCY = 64;

let system: Awaited<ReturnType<typeof startLocal>>;
let client: Client;
let stateDirectory: string;

beforeAll(async () => {
  stateDirectory = await mkdtemp(path.join(tmpdir(), "ropeline-calls-"));
  system = await startLocal({ port: 0, stateDirectory, quiet: true });
  client = new Client((url, init) => fetch(`${system.url}${url}`, init), system.adminToken);
});
afterAll(async () => {
  await system.stop();
  await rm(stateDirectory, { recursive: true, force: true });
});

type Calls = Record<string, number>;

interface Objects {
  skus: { calls: Calls }[];
  intakes: { calls: Calls };
  sequencer: { calls: Calls };
  lanes: { calls: Calls };
}

/** Runs `work` for every shopper, a bounded number at once. */
async function forAll<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

const isOfShopper = ([kind]: [string, number]): boolean => kind.startsWith("shopper.");

/** What the sale's objects have served. Idle ones forget, so it is read right before and after. */
async function served(): Promise<{ sku: Calls; lanes: Calls; sequencer: Calls }> {
  const summary = await client.admin("GET", "/sales/calls/summary");
  const { skus, lanes, sequencer } = summary.body["objects"] as Objects;
  return { sku: skus[0]?.calls ?? {}, lanes: lanes.calls, sequencer: sequencer.calls };
}

/** The calls of shoppers that `work` causes, by object. */
async function callsOf(work: () => Promise<void>): Promise<{ sku: Calls; lanes: Calls }> {
  const before = await served();
  await work();
  const after = await served();
  const grown = (from: Calls, to: Calls): Calls =>
    Object.fromEntries(
      Object.entries(to)
        .filter(isOfShopper)
        .map(([kind, count]): [string, number] => [kind, count - (from[kind] ?? 0)])
        .filter(([, count]) => count > 0),
    );
  return { sku: grown(before.sku, after.sku), lanes: grown(before.lanes, after.lanes) };
}

it("costs a shopper one call to join, one to claim, one to buy and none to wait; with intakes an item fewer calls than purchases", async () => {
  const startsAt = new Date(Date.now() + 3_600_000).toISOString();
  const endsAt = new Date(Date.now() + 7_200_000).toISOString();
  const prequeueStartsAt = new Date(Date.now() - 1_000).toISOString();
  const queue = { prequeueStartsAt, totalActiveUsers: SHOPPERS, newUsersPerMinute: 60 * SHOPPERS };
  const ofPhone = { productId: "phone", salePrice: { amount: 49_900, currency: "EUR" } };
  const items = [
    { sku: "calls-phone", ...ofPhone, stock: SHOPPERS },
    { sku: "calls-hot", ...ofPhone, stock: SHOPPERS, intakes: 4 },
  ];
  await client.sale("calls", { startsAt, endsAt, queue, items });

  const bearers: string[] = [];
  await forAll(Array.from({ length: SHOPPERS }), async () => {
    bearers.push(await client.guest());
  });
  const shoppers: { bearer: string; ticket: string; pass: string }[] = [];
  const joining = await callsOf(() =>
    forAll(bearers, async (bearer) => {
      const joined = await client.call("POST", "/sales/calls/queue", { bearer, body: {} });
      shoppers.push({ bearer, ticket: String(joined.body["ticket"]), pass: "" });
    }),
  );
  expect(joining).toEqual({ sku: {}, lanes: { "shopper.join": SHOPPERS } });

  const waiting = await callsOf(() =>
    forAll(shoppers, async ({ ticket }) => {
      for (let poll = 0; poll < POLLS_EACH; poll++) {
        const view = await client.call("GET", "/sales/calls/queue", { ticket });
        expect(view.body["state"]).toBe("early");
      }
    }),
  );
  expect(waiting).toEqual({ sku: {}, lanes: {} });

  await client.admin("POST", "/sales/calls/start");
  await client.until(
    () => client.call("GET", "/sales/calls/status"),
    ({ body }) => (body["queue"] as { nowServing: number }).nowServing === SHOPPERS,
  );
  const claiming = await callsOf(() =>
    forAll(shoppers, async (shopper) => {
      const { bearer, ticket } = shopper;
      const view = await client.call("GET", "/sales/calls/queue", { bearer, ticket });
      expect(view.body["state"]).toBe("admitted");
      shopper.pass = String(view.body["pass"]);
    }),
  );
  expect(claiming).toEqual({ sku: {}, lanes: { "shopper.claim": SHOPPERS } });

  const buy = (sku: string): Promise<void> =>
    forAll(shoppers, async (shopper) => {
      const purchase = { ...shopper, key: "buy", body: { sku, quantity: 1 } };
      const bought = await client.call("POST", "/sales/calls/purchase", purchase);
      expect(bought.status).toBe(202);
    });
  const buying = await callsOf(() => buy("calls-phone"));
  expect(buying).toEqual({ sku: { "shopper.reserve": SHOPPERS }, lanes: {} });

  await buy("calls-hot");
  const summary = await client.admin("GET", "/sales/calls/summary");
  const { intakes, skus } = summary.body["objects"] as Objects;
  expect(intakes.calls["shopper.reserve"]).toBe(SHOPPERS);
  expect(skus[1]?.calls["intake.batch"]).toBe(intakes.calls["intake.batch"]);
  expect(intakes.calls["intake.batch"]).toBeLessThan(SHOPPERS / 2);

  const { sequencer } = await served();
  expect(sequencer).toMatchObject({ "lane.joins": SHOPPERS, "lane.claims": SHOPPERS });
  const kinds = Object.keys(sequencer).filter((kind) => !/^(lane|admin|system|books)\./.test(kind));
  expect(kinds.sort()).toEqual(["board", "sku.report"]);
});
