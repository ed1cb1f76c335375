import { beforeEach, describe, expect, it, vi } from "vitest";
import { FairnessCollector } from "../../../domain/fairness/collector.ts";
import type { SaleFairness } from "../../../domain/fairness/report.ts";
import { entriesOf, sampleTerms } from "../../../domain/fairness/testing/history.ts";
import { seededRandom } from "../../../domain/random.ts";
import { AdminFairness, Fairness } from "../schemas/fairness.ts";
import { ADMIN_TOKEN, FakeGateway, overloaded, sampleSale } from "../testing/fake-gateway.ts";

const PUBLIC = "/api/v1/sales/drop/fairness";
const ADMIN = "/api/v1/admin/sales/drop/fairness";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const LOG_STARTS_AT = "2023-11-14T22:13:20.000Z";

let gateway: FakeGateway;

/** The report of a line in which the second who came has the first number. */
function sampleReport(): SaleFairness {
  const collector = new FairnessCollector();
  const arrivals = [7, 3, 9];
  for (const entry of entriesOf([
    { after: 0, kind: "opened", terms: sampleTerms() },
    { after: 0, kind: "turned", turn: "started" },
    ...arrivals.map((after, at) => {
      const atMs = Date.parse(LOG_STARTS_AT) + after;
      const [arrivedAtMs, stampMs] = [atMs, atMs];
      const number = at + 1;
      return { after: 10, kind: "joined" as const, number, arrivedAtMs, stampMs, binding: "" };
    }),
    { after: 20, kind: "granted", number: 1, expiresAtMs: Date.parse(LOG_STARTS_AT) + 900 },
  ]))
    collector.take(entry);
  return { ...collector.report(seededRandom(1)), checkpoint: "origin\n6\nhead\n" };
}

beforeEach(() => {
  gateway = new FakeGateway();
  gateway.log.fairness = sampleReport();
  gateway.onPurchase = (method) =>
    method === "unitsPerShopper"
      ? [
          { units: 1, shoppers: 3 },
          { units: 5, shoppers: 1 },
        ]
      : null;
});

describe("the fairness of a sale", () => {
  it("is told to everyone, with times of the contract", async () => {
    const { status, body, headers } = await gateway.send("GET", PUBLIC);
    expect(status).toBe(200);
    expect(headers.get("Cache-Control")).toBe("public, max-age=5");
    expect(body).toMatchObject({
      saleId: "drop",
      isFinal: false,
      asOf: "2023-11-14T22:13:20.020Z",
      entries: 6,
      checkpoint: "origin\n6\nhead\n",
      startedAt: LOG_STARTS_AT,
      endedAt: null,
      joined: 3,
      admitted: 1,
      arrivalToNumber: { discordant: 1, pairs: 3, displacedMs: { max: 4 } },
      cohorts: [{ from: "2023-11-14T22:13:20.003Z", through: "2023-11-14T22:13:20.009Z" }],
      minuteBuckets: { sampled: 3 },
      units: { shoppers: 4, units: 8, mean: 2, deviation: Math.sqrt(3) },
    });
    expect(Fairness.strict().parse(body)).toEqual(body);
  });

  it("is told to staff with the units by shopper, and who is furthest from their place", async () => {
    const { status, body } = await gateway.send("GET", ADMIN, { headers });
    expect(status).toBe(200);
    expect(AdminFairness.strict().parse(body)).toEqual(body);
    expect(body).toMatchObject({
      joined: 3,
      outliers: [
        { number: 1, places: 1, ms: 4 },
        { number: 2, places: 1, ms: 4 },
      ],
      unitsHistogram: [
        { units: 1, shoppers: 3 },
        { units: 5, shoppers: 1 },
      ],
    });
    expect((await gateway.send("GET", ADMIN)).status).toBe(401);
  });

  it("is asked for once in five seconds by an isolate, the units once in a minute", async () => {
    const asked = (): string[] => gateway.calls.filter((call) => /fairness|units/.test(call));
    for (const path of [PUBLIC, PUBLIC, ADMIN]) await gateway.send("GET", path, { headers });
    expect(asked()).toEqual(["log drop fairness", "purchase unitsPerShopper"]);
    gateway.nowMs += 10_001;
    await gateway.send("GET", PUBLIC);
    expect(asked()).toEqual(["log drop fairness", "purchase unitsPerShopper", "log drop fairness"]);
  });

  it("is told without the units while the database is away", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    gateway.onPurchase = () => overloaded();
    const { status, body } = await gateway.send("GET", PUBLIC);
    expect([status, body["units"]]).toEqual([200, null]);
  });

  it("is missing for a sale without a log, for a draft, and for none", async () => {
    gateway.log.fairness = null;
    const { status, body } = await gateway.send("GET", PUBLIC);
    expect([status, body["detail"]]).toEqual([404, "The sale has no public log."]);
    expect((await gateway.send("GET", "/api/v1/sales/nope/fairness")).status).toBe(404);
    gateway = new FakeGateway();
    gateway.log.fairness = sampleReport();
    gateway.sale = { ...sampleSale(), control: { ...sampleSale().control, mode: "draft" } };
    expect((await gateway.send("GET", PUBLIC)).status).toBe(404);
  });

  it("is busy while the line does not answer", async () => {
    gateway.log.fairness = overloaded();
    expect((await gateway.send("GET", PUBLIC)).status).toBe(503);
  });
});
