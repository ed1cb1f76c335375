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
const PORT = 8791;

let system: Awaited<ReturnType<typeof startLocal>>;
let client: Client;
let stateDirectory: string;

beforeAll(async () => {
  stateDirectory = await mkdtemp(path.join(tmpdir(), "ropeline-calls-"));
  system = await startLocal({ port: PORT, stateDirectory, quiet: true });
  client = new Client((url, init) => fetch(`${system.url}${url}`, init), system.adminToken);
});
afterAll(async () => {
  await system.stop();
  await rm(stateDirectory, { recursive: true, force: true });
});

interface Objects {
  skus: { calls: Record<string, number> }[];
  sequencer: { calls: Record<string, number> };
  lanes: { calls: Record<string, number> };
}

/** Runs `work` for every shopper, a bounded number at once. */
async function forAll<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

it("costs a shopper one call to join, one to claim, one to buy and none to wait", async () => {
  const startsAt = new Date(Date.now() + 3_600_000).toISOString();
  const endsAt = new Date(Date.now() + 7_200_000).toISOString();
  const prequeueStartsAt = new Date(Date.now() - 1_000).toISOString();
  const queue = { prequeueStartsAt, totalActiveUsers: SHOPPERS, newUsersPerMinute: 60 * SHOPPERS };
  await client.sale("calls", { startsAt, endsAt, queue }, SHOPPERS);

  const bearers: string[] = [];
  await forAll(Array.from({ length: SHOPPERS }), async () => {
    bearers.push(await client.guest());
  });
  const shoppers: { bearer: string; ticket: string; pass: string }[] = [];
  await forAll(bearers, async (bearer) => {
    const joined = await client.call("POST", "/sales/calls/queue", { bearer, body: {} });
    shoppers.push({ bearer, ticket: String(joined.body["ticket"]), pass: "" });
  });
  await forAll(shoppers, async ({ ticket }) => {
    for (let poll = 0; poll < POLLS_EACH; poll++) {
      const view = await client.call("GET", "/sales/calls/queue", { ticket });
      expect(view.body["state"]).toBe("early");
    }
  });
  await client.admin("POST", "/sales/calls/start");
  await client.until(
    () => client.call("GET", "/sales/calls/status"),
    ({ body }) => (body["queue"] as { nowServing: number }).nowServing === SHOPPERS,
  );
  await forAll(shoppers, async (shopper) => {
    const { bearer, ticket } = shopper;
    const view = await client.call("GET", "/sales/calls/queue", { bearer, ticket });
    expect(view.body["state"]).toBe("admitted");
    shopper.pass = String(view.body["pass"]);
  });
  await forAll(shoppers, async (shopper) => {
    const body = { sku: "calls-phone", quantity: 1 };
    const bought = await client.call("POST", "/sales/calls/purchase", {
      ...shopper,
      key: "buy",
      body,
    });
    expect(bought.status).toBe(202);
  });

  const summary = await client.admin("GET", "/sales/calls/summary");
  const objects = summary.body["objects"] as Objects;
  const kindsOf = (calls: Record<string, number>, prefix: string): Record<string, number> =>
    Object.fromEntries(Object.entries(calls).filter(([kind]) => kind.startsWith(prefix)));
  const sku = objects.skus[0]?.calls ?? {};
  expect(kindsOf(sku, "shopper.")).toEqual({ "shopper.reserve": SHOPPERS });
  expect(kindsOf(objects.lanes.calls, "shopper.")).toEqual({
    "shopper.join": SHOPPERS,
    "shopper.claim": SHOPPERS,
  });
  const sequencer = objects.sequencer.calls;
  expect(sequencer).toMatchObject({ "lane.joins": SHOPPERS, "lane.claims": SHOPPERS });
  expect(
    Object.keys(sequencer)
      .filter((kind) => !/^(lane|admin|system)\./.test(kind))
      .sort(),
  ).toEqual(["board", "sku.report"]);
});
