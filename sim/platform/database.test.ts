import { describe, expect, it } from "vitest";
import { Kernel } from "../kernel/kernel.ts";
import type { FaultKind } from "../kernel/faults.ts";
import { SimulatedDatabase } from "./database.ts";
import { Network } from "./network.ts";
import { WorkerCaller } from "./worker.ts";

const OUTAGE_US = 60_000_000;

/** A database with nothing but these faults, and something that runs simulated time until a promise settles. */
function simulated(faults: FaultKind[], seed = 1) {
  const kernel = new Kernel({ seed, startMs: 0, faults, keepHistory: false });
  const database = new SimulatedDatabase(kernel, new Network(kernel));
  const binding = database.bind(new WorkerCaller(kernel, "reader"));
  const settle = async <Value>(promise: Promise<Value>): Promise<Value> => {
    const state = { isSettled: false };
    const settled = promise.finally(() => {
      state.isSettled = true;
    });
    settled.catch(() => {});
    while (!state.isSettled && (await kernel.scheduler.step()));
    return settled;
  };
  return { kernel, database, binding, settle };
}

const WRITE = "INSERT INTO contact (shopper, email, updated_at_ms) VALUES (?, ?, 0)";
const COUNT = "SELECT count(*) AS contacts FROM contact";

describe("sessions of the database", () => {
  it("read an older state without a bookmark, and never one before theirs", async () => {
    const { database, binding, settle } = simulated(["replica.behind"]);
    const seen = new Set<unknown>();
    let bookmark = "first-unconstrained";
    for (let written = 1; written <= 20; written++) {
      const writing = binding.withSession("first-primary");
      await settle(writing.prepare(WRITE).bind(`g_${written}`, "a@example.com").run());
      bookmark = writing.getBookmark() ?? "";
      const unbound = binding.withSession().prepare(COUNT).first<{ contacts: number }>();
      const row = await settle(unbound);
      seen.add(written - (row?.contacts ?? 0));
      const bound = binding.withSession(bookmark).prepare(COUNT).all();
      expect((await settle(bound)).results).toEqual([{ contacts: written }]);
    }
    expect([...seen].some((behind) => Number(behind) > 0)).toBe(true);
    database.close();
  });

  it("see what they wrote themselves", async () => {
    const { database, binding, settle } = simulated(["replica.behind"]);
    for (let written = 1; written <= 20; written++) {
      const session = binding.withSession("first-unconstrained");
      await settle(session.prepare(WRITE).bind(`g_${written}`, "a@example.com").run());
      const { results } = await settle(session.prepare(COUNT).all());
      expect(results).toEqual([{ contacts: written }]);
    }
    database.close();
  });
});

describe("an outage of the database", () => {
  it("lasts its time, whatever else goes wrong meanwhile", async () => {
    const { kernel, database, binding, settle } = simulated(["database.down"]);
    database.fail(OUTAGE_US);
    const endsAtUs = kernel.scheduler.nowUs + OUTAGE_US;
    let refused = 0;
    for (;;) {
      const isIn = await settle(binding.prepare(COUNT).all()).catch(() => null);
      if (isIn) break;
      refused += 1;
      await settle(kernel.scheduler.sleep(1_000_000));
    }
    expect(kernel.scheduler.nowUs).toBeGreaterThan(endsAtUs);
    expect(refused).toBeGreaterThan(50);
    database.close();
  });
});
