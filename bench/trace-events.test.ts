import { describe, expect, it } from "vitest";
import { MockAgent } from "undici";
import { Admin } from "./admin.ts";
import { Caller } from "./calls.ts";
import { machineClock } from "./clock.ts";
import { Crowd } from "./crowd.ts";
import { Meter } from "./meter.ts";
import type { Flooding } from "./run.ts";
import { parseTrace, planOfTrace, type Trace } from "./trace.ts";
import { runEvents } from "./trace-events.ts";

const ORIGIN = "http://ropeline.test";
const SALE = { saleId: "sale", sku: "sku", stock: 10, perShopper: 1, capacity: 5 };

function traceWith(event: object): Trace {
  const line = { stock: 10, capacity: 5, newUsersPerMinute: 600 };
  const arrivals = [{ seconds: 1, shoppers: 2 }];
  return parseTrace("t", JSON.stringify({ description: "d", line, arrivals, events: [event] }));
}

/** A run whose admin talks to a shop that answers the change with this status. */
function runOf(trace: Trace, status: number): { run: Flooding; bodies: unknown[] } {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const bodies: unknown[] = [];
  const path = "/api/v1/admin/sales/sale/queue";
  const change = agent
    .get(ORIGIN)
    .intercept({ method: "PATCH", path })
    .reply(status, ({ body }) => {
      bodies.push(JSON.parse(typeof body === "string" ? body : "null"));
      return { saleId: "sale", state: "active" };
    });
  change.persist();
  const caller = new Caller({
    origin: ORIGIN,
    connections: 1,
    clock: machineClock,
    random: () => 0.5,
    meter: new Meter(),
    dispatcher: agent,
  });
  const place = { caller, saleId: SALE.saleId, sku: SALE.sku, seed: 1 };
  const crowd = new Crowd({ ...planOfTrace(trace).crowd, ...place });
  // As if the arrivals had begun long ago, without any.
  Object.defineProperty(crowd, "startMs", { value: 0 });
  const admin = new Admin(caller, "secret");
  return {
    run: { sale: SALE, admin, crowd },
    bodies,
  };
}

describe("the events of a trace", () => {
  it("change the line with the contract's names", async () => {
    const trace = traceWith({
      do: "change-line",
      afterSoldPercent: 0,
      newUsersPerMinute: 9,
      capacity: 8,
    });
    const { bodies, run } = runOf(trace, 200);
    expect(await runEvents(trace, run, null)).toEqual({ kills: [], skipped: [] });
    expect(bodies).toEqual([{ newUsersPerMinute: 9, totalActiveUsers: 8 }]);
  });

  it("say what a system cannot do", async () => {
    const trace = traceWith({ do: "change-line", afterSeconds: 0, capacity: 8 });
    const { run } = runOf(trace, 404);
    const { skipped } = await runEvents(trace, run, null);
    expect(skipped).toEqual([expect.stringMatching(/^change-line \(capacity 8\): PATCH .* 404/)]);
  });

  it("fail when the crowd is done before they are due", async () => {
    const trace = traceWith({ do: "restart", afterSoldPercent: 50 });
    const { run } = runOf(trace, 200);
    for (const { record } of run.crowd.shoppers) record.end = "gone";
    await expect(runEvents(trace, run, null)).rejects.toThrow('done before "restart" was due');
  });
});
