import { describe, expect, it } from "vitest";
import { withOutbox } from "../test/system/support/outbox.ts";
import { control } from "../test/system/support/samples.ts";

/** As in the outbox: with something to tell, and with nothing. */
const REPORT_MS = 250;
const IDLE_MS = 5_000;

/** An item that missed a command of its sale hears of it without anybody repeating the command. */
describe("a control that was missed", () => {
  it("is heard while the sale is paused: the item goes on asking", () =>
    withOutbox(async (bench) => {
      bench.control = control({ mode: "paused", version: 2 });
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      bench.control = control({ mode: "open", version: 3 });
      await bench.runtime.advance(IDLE_MS);
      expect(bench.heard.at(-1)).toMatchObject({ mode: "open", version: 3 });
    }));

  it("is heard after a batch that only refused, also by an item that was asleep", () =>
    withOutbox(async (bench) => {
      bench.control = control({ mode: "draft" });
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      await bench.runtime.advance(4 * IDLE_MS);
      expect(bench.reports).toHaveLength(1);
      bench.control = control({ mode: "open", version: 2 });
      bench.outbox.listen();
      bench.outbox.listen();
      await bench.runtime.advance(IDLE_MS);
      expect(bench.heard.at(-1)).toMatchObject({ mode: "open", version: 2 });
      expect(bench.reports).toHaveLength(2);
    }));

  it("is not asked for long before the start", () =>
    withOutbox(async (bench) => {
      const startsAtMs = bench.runtime.now() + 3_600_000;
      bench.control = control({ startsAtMs, endsAtMs: startsAtMs + 3_600_000 });
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      await bench.runtime.advance(10 * IDLE_MS);
      expect(bench.reports).toHaveLength(1);
      expect(bench.runtime.delays()).toEqual([]);
    }));

  it("is asked for from a minute before the start on", () =>
    withOutbox(async (bench) => {
      bench.control = control({ startsAtMs: bench.runtime.now() + 60_000, version: 2 });
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      await bench.runtime.advance(IDLE_MS);
      expect(bench.reports).toHaveLength(2);
    }));

  it("is heard after the end that the item knows, and not asked for again once that was it", () =>
    withOutbox(async (bench) => {
      bench.store.writeControl(control({ endsAtMs: bench.runtime.now(), version: 2 }));
      bench.control = control({ mode: "ended", version: 3 });
      bench.outbox.listen();
      await bench.runtime.advance(IDLE_MS);
      expect(bench.heard.at(-1)).toMatchObject({ mode: "ended", version: 3 });
      expect(bench.runtime.delays()).toEqual([]);
    }));

  it("is not asked for by an item whose sale has long been over", () =>
    withOutbox(async (bench) => {
      const endsAtMs = bench.runtime.now() - 3_600_000;
      bench.store.writeControl(control({ endsAtMs, version: 2 }));
      bench.outbox.listen();
      expect(bench.runtime.delays()).toEqual([]);
    }));
});

describe("a report that the sequencer refused", () => {
  it("counts as not told: the places in it are reported again", () =>
    withOutbox(async (bench) => {
      bench.control = null;
      bench.reserve(2);
      await bench.runtime.advance(REPORT_MS);
      expect(bench.marks().reported).toBe(0);
      expect(bench.failures).toEqual(["sku.report.failed"]);
      bench.control = control();
      await bench.runtime.advance(IDLE_MS);
      expect(bench.marks().reported).toBe(3);
      expect(bench.reports.at(-1)?.finished.map(({ number }) => number)).toEqual([1, 2]);
    }));
});
