import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { readEntry, type LogEntry } from "../../domain/log/leaf.ts";
import { unitsPerShopper } from "../../workers/purchase/shopper-units.ts";
import { AdminFairness, Fairness } from "../../workers/gateway/schemas/fairness.ts";
import { Client } from "../support/client.ts";
import { TestLine } from "./support/lines.ts";
import { bindings, rowsOf } from "./support/objects.ts";

const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

/** The entries of a sale's log that a checkpoint covers. */
async function entriesOf(saleId: string): Promise<LogEntry[]> {
  const page = await bindings.QUEUE_SEQUENCER.getByName(saleId).logEntries(0, 2_000);
  return (page?.entries ?? []).map(readEntry);
}

it("reports a sale while it runs and after it, from the log that everyone can read", async () => {
  const saleId = "reported";
  await client.sale(saleId, { limits: { perShopper: 2 } });
  const shoppers = [await client.admitted(saleId), await client.admitted(saleId)];
  await client.call("POST", `/sales/${saleId}/queue`, { bearer: await client.guest(), body: {} });
  const [buyer] = shoppers;
  const body = { sku: `${saleId}-phone`, quantity: 2 };
  const bought = await client.call("POST", `/sales/${saleId}/purchase`, {
    ...buyer,
    key: "k",
    body,
  });
  await client.call("POST", `/orders/${String(bought.body["orderId"])}/checkout`, {
    ...buyer,
    key: "k",
    body: { paymentMethod: "card", paymentToken: "tok_ok" },
  });
  await expect
    .poll(() => unitsPerShopper(bindings, saleId), { timeout: 10_000 })
    .toEqual([{ units: 2, shoppers: 1 }]);

  const live = await client.call("GET", `/sales/${saleId}/fairness`);
  expect(live.status).toBe(200);
  expect(Fairness.strict().parse(live.body)).toEqual(live.body);
  expect(live.body).toMatchObject({
    isFinal: false,
    joined: 3,
    admitted: 2,
    arrivalToNumber: { tau: 0 },
    numberToAdmission: { tau: 0, overtaken: 0 },
    duplicates: { numbers: 0, grants: 0, places: 0 },
    capacity: { setting: 500, overshoot: 0 },
    rate: { peak: 2, setting: 600, overshoot: 0 },
    minuteBuckets: { sampled: 3, admitted: 2 },
    units: { shoppers: 1, units: 2, mean: 2, deviation: 0 },
  });
  const [, size] = String(live.body["checkpoint"]).split("\n");
  expect(Number(size)).toBe(live.body["entries"]);
  expect(await entriesOf(saleId)).toHaveLength(Number(size));
});

it("keeps the report of a sale that has ended, so that it is worked out once", async () => {
  const saleId = "kept-report";
  await client.sale(saleId);
  await client.admitted(saleId);
  await client.admin("POST", `/sales/${saleId}/end`);
  const { body } = await client.admin("GET", `/sales/${saleId}/fairness`);
  expect(AdminFairness.strict().parse(body)).toEqual(body);
  expect(body).toMatchObject({ isFinal: true, admitted: 1, unitsHistogram: [], outliers: [] });
  expect(body["endedAt"]).not.toBeNull();
  const stub = bindings.QUEUE_SEQUENCER.getByName(saleId);
  const kept = (await stub.fairness())?.kept;
  expect(kept).toMatchObject({ isFinal: true, entries: body["entries"] });
  // What comes second changes nothing.
  if (kept) await stub.fairness({ ...kept, joined: 99 });
  expect((await stub.fairness())?.kept).toEqual(kept);
});

it("keeps no report of a sale that goes on, and has none where there is no log", async () => {
  const saleId = "not-kept";
  await client.sale(saleId);
  const stub = bindings.QUEUE_SEQUENCER.getByName(saleId);
  const report = await bindings.WAITING_ROOM.fairness(saleId);
  if (report) await stub.fairness(report);
  expect((await stub.fairness())?.kept).toBeNull();
  for (const table of ["log_tree", "log_entry", "log_checkpoint"])
    await rowsOf(stub, `DELETE FROM ${table}`);
  expect(await stub.fairness()).toBeNull();
});

it("notes what a sample of those who get a number is shown, and nothing where nothing is", async () => {
  const queue = { lanes: 8, reorderWindowMs: 0, newUsersPerMinute: 60, totalActiveUsers: 100 };
  await client.sale("sampled", { queue }, 200);
  await new TestLine("sampled", 8).number(600);
  const entries = await entriesOf("sampled");
  const shown = entries.filter((entry) => entry.kind === "estimated");
  // Every 32nd; who stands behind the stock is shown nothing.
  expect(shown.map(({ number }) => number)).toEqual([32, 64, 96, 128, 160, 192]);
  for (const { number, minSeconds, maxSeconds } of shown) {
    expect(minSeconds).toBeLessThan(number);
    expect(maxSeconds).toBeGreaterThan(number);
  }
  await client.sale("drawn", { queue: { ...queue, queueingMethod: "random" } }, 200);
  await new TestLine("drawn", 8).number(100);
  expect((await entriesOf("drawn")).filter(({ kind }) => kind === "estimated")).toEqual([]);
});
