import { describe, expect, it } from "vitest";
import { chainHash, GENESIS_HASH } from "../domain/books/chain.ts";
import { encodeEvent } from "../domain/purchase/ledger.ts";
import { control } from "../test/system/support/samples.ts";
import { withOutbox } from "../test/system/support/outbox.ts";

/** What the outbox promises of itself; production values. */
const DRAIN_MS = 100;
const REPORT_MS = 250;
const RESEND_MS = 5_000;
const IDLE_MS = 5_000;

describe("pages", () => {
  it("leave a tenth of a second after a change, not on its path", () =>
    withOutbox(async ({ runtime, pages, ...bench }) => {
      bench.outbox.wake();
      expect(pages).toEqual([]);
      await runtime.advance(DRAIN_MS - 1);
      expect(pages).toEqual([]);
      await runtime.advance(1);
      expect(pages).toMatchObject([
        { saleId: "sale-of-phone", sku: "phone", fromSequence: 1, events: [{ type: "created" }] },
      ]);
    }));

  it("hold at most 100 events, in order, without a gap", () =>
    withOutbox(async (bench) => {
      bench.reserve(249);
      await bench.runtime.advance(DRAIN_MS);
      expect(bench.sent()).toEqual([
        [1, 100],
        [101, 200],
        [201, 250],
      ]);
      const sequences = bench.pages.flatMap((page) => page.events.map((event) => event.sequence));
      expect(sequences).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    }));

  it("carry the hashes of the ledger, each over its event and the hash before", () =>
    withOutbox(async (bench) => {
      bench.reserve(149);
      await bench.runtime.advance(DRAIN_MS);
      const hashes = bench.pages.flatMap((page) => page.hashes ?? []);
      const events = bench.pages.flatMap((page) => page.events);
      expect(hashes).toHaveLength(150);
      let hash = GENESIS_HASH;
      for (const [index, event] of events.entries()) {
        hash = chainHash(hash, encodeEvent(event));
        expect(hashes[index]).toBe(hash);
      }
    }));

  it("fit into a message of the queue, however long their texts are", () =>
    withOutbox(async (bench) => {
      const level = { sku: "phone", stock: 10_000, available: 10_000, held: 0, sold: 0 };
      const by = { actor: "staff:ola" };
      for (let times = 0; times < 100; times++)
        bench.store.writeRestock(1, level, "ü".repeat(1_000), `restock-${times}`, by, 0);
      bench.store.writeRestock(1, level, "x".repeat(110_000), "long", by, 0);
      bench.outbox.wake();
      await bench.runtime.advance(DRAIN_MS);
      const sizes = bench.pages.map((page) => Buffer.byteLength(JSON.stringify(page)));
      expect(Math.max(...sizes)).toBeLessThan(128_000);
      const sequences = bench.pages.flatMap((page) => page.events.map((event) => event.sequence));
      expect(sequences).toEqual(Array.from({ length: 102 }, (_, index) => index + 1));
    }));

  it("leave ten at a time, the rest a moment later", () =>
    withOutbox(async (bench) => {
      bench.reserve(1_199);
      await bench.runtime.advance(DRAIN_MS);
      expect(bench.pages).toHaveLength(10);
      await bench.runtime.advance(DRAIN_MS);
      expect(bench.sent().slice(10)).toEqual([
        [1_001, 1_100],
        [1_101, 1_200],
      ]);
    }));

  it("are sent once while they are on their way", () =>
    withOutbox(async (bench) => {
      bench.reserve(1);
      await bench.runtime.advance(DRAIN_MS);
      bench.reserve(1);
      await bench.runtime.advance(DRAIN_MS);
      await bench.outbox.drain();
      expect(bench.sent()).toEqual([
        [1, 2],
        [3, 3],
      ]);
    }));

  it("do not overtake each other: one drain at a time", () =>
    withOutbox(async (bench) => {
      const gate = Promise.withResolvers<void>();
      let sends = 0;
      bench.sending = () => {
        sends += 1;
        return sends === 1 ? gate.promise : Promise.resolve();
      };
      bench.reserve(149);
      const first = bench.outbox.drain();
      await bench.outbox.drain();
      expect(bench.pages).toEqual([]);
      gate.resolve();
      await first;
      expect(bench.sent()).toEqual([
        [1, 100],
        [101, 150],
      ]);
    }));
});

describe("an acknowledgement", () => {
  it("moves the mark, and a repeated or older one does not move it back", () =>
    withOutbox(async (bench) => {
      bench.reserve(149);
      bench.outbox.acked(1, 100);
      expect(bench.marks().projected).toBe(100);
      bench.outbox.acked(101, 150);
      bench.outbox.acked(1, 100);
      bench.outbox.acked(101, 150);
      expect(bench.marks().projected).toBe(150);
    }));

  it("does not move the mark over a gap", () =>
    withOutbox(async (bench) => {
      bench.reserve(299);
      bench.outbox.acked(101, 200);
      expect(bench.marks().projected).toBe(0);
      bench.outbox.acked(1, 50);
      expect(bench.marks().projected).toBe(50);
      bench.outbox.acked(202, 300);
      expect(bench.marks().projected).toBe(50);
      bench.outbox.acked(51, 100);
      expect(bench.marks().projected).toBe(200);
      bench.outbox.acked(201, 201);
      expect(bench.marks().projected).toBe(300);
    }));

  it("ends the waiting only together with the report", () =>
    withOutbox(async (bench) => {
      bench.reserve(1);
      expect(bench.outbox.pending()).toBe(true);
      bench.outbox.acked(1, 2);
      expect(bench.outbox.pending()).toBe(true);
      await bench.outbox.report();
      expect(bench.outbox.pending()).toBe(false);
      bench.reserve(1);
      await bench.outbox.report();
      expect(bench.outbox.pending()).toBe(true);
    }));
});

describe("the delay of the projection", () => {
  it("is from when an event happened to its acknowledgement, counted once", () =>
    withOutbox(async (bench) => {
      bench.reserve(9);
      await bench.runtime.advance(DRAIN_MS);
      await bench.runtime.advance(1_000);
      bench.outbox.acked(1, 9);
      await bench.runtime.advance(1_000);
      bench.outbox.acked(1, 10);
      expect(bench.outbox.delays).toMatchObject({ events: 10, maxMs: 2_100 });
      expect(bench.outbox.delays.p50Ms).toBeGreaterThanOrEqual(1_100);
      expect(bench.outbox.delays.p50Ms).toBeLessThan(1_400);
      expect(bench.outbox.delays.p99Ms).toBe(2_100);
    }));
});

describe("what was not acknowledged", () => {
  it("is sent again from the mark when that has stood still for five seconds", () =>
    withOutbox(async (bench) => {
      bench.reserve(149);
      await bench.runtime.advance(DRAIN_MS);
      bench.outbox.acked(1, 100);
      await bench.runtime.advance(RESEND_MS - 1);
      await bench.outbox.drain();
      expect(bench.sent()).toEqual([
        [1, 100],
        [101, 150],
      ]);
      await bench.runtime.advance(1);
      await bench.outbox.drain();
      expect(bench.sent().slice(2)).toEqual([[101, 150]]);
    }));

  it("is sent again and again, after five seconds, ten, twenty and so on", () =>
    withOutbox(async (bench) => {
      bench.reserve(1);
      await bench.runtime.advance(DRAIN_MS);
      for (let times = 0; times < 3; times++) {
        await bench.runtime.advance(RESEND_MS * 2 ** times);
        await bench.outbox.drain();
        await bench.outbox.drain();
      }
      expect(bench.sent()).toEqual(Array.from({ length: 4 }, () => [1, 2]));
    }));

  it("is sent again by an object that has lost its memory, and what was acknowledged is not", () =>
    withOutbox(async (bench) => {
      bench.reserve(249);
      await bench.runtime.advance(DRAIN_MS);
      bench.outbox.acked(1, 100);
      bench.outbox.acked(201, 250);
      bench.restart();
      bench.outbox.wake();
      await bench.runtime.advance(DRAIN_MS);
      expect(bench.sent().slice(3)).toEqual([
        [101, 200],
        [201, 250],
      ]);
      bench.outbox.acked(101, 200);
      expect(bench.marks().projected).toBe(200);
    }));

  it("is sent again without the alarm when something arrives that left long after it", () =>
    withOutbox(async (bench) => {
      for (let pages = 0; pages < 2; pages++) {
        bench.reserve(1);
        await bench.runtime.advance(DRAIN_MS);
      }
      await bench.runtime.advance(RESEND_MS - 1_000);
      bench.outbox.acked(1, 2);
      await bench.runtime.advance(1_000);
      bench.reserve(1);
      await bench.runtime.advance(DRAIN_MS);
      bench.outbox.acked(4, 4);
      expect(bench.sent()).toHaveLength(3);
      await bench.runtime.advance(DRAIN_MS);
      expect(bench.sent().slice(3)).toEqual([[3, 3]]);
    }));

  it("is sent again at the next drain when the queue refused it", () =>
    withOutbox(async (bench) => {
      bench.sending = () => Promise.reject(new Error("the queue is down"));
      bench.reserve(1);
      await bench.runtime.advance(DRAIN_MS);
      expect(bench.failures).toEqual(["sku.page.failed"]);
      expect(bench.pages).toEqual([]);
      bench.sending = () => Promise.resolve();
      await bench.outbox.drain();
      expect(bench.sent()).toEqual([[1, 2]]);
    }));

  it("is nothing once all is acknowledged", () =>
    withOutbox(async (bench) => {
      bench.reserve(1);
      await bench.runtime.advance(DRAIN_MS);
      bench.outbox.acked(1, 2);
      await bench.runtime.advance(RESEND_MS);
      await bench.outbox.drain();
      expect(bench.pages).toHaveLength(1);
    }));
});

describe("reports", () => {
  it("say where the item stands and which numbers bought, a quarter of a second after", () =>
    withOutbox(async (bench) => {
      bench.reserve(2);
      await bench.runtime.advance(REPORT_MS - 1);
      expect(bench.reports).toEqual([]);
      await bench.runtime.advance(1);
      expect(bench.reports).toEqual([
        {
          saleId: "sale-of-phone",
          sku: "phone",
          sequence: 3,
          level: { sku: "phone", stock: 10_000, available: 9_998, held: 2, sold: 0 },
          finished: [
            { number: 1, units: 1 },
            { number: 2, units: 1 },
          ],
          batchAgeMs: 0,
          list: { version: 0, waiting: 0, offered: [] },
        },
      ]);
      expect(bench.marks().reported).toBe(3);
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      expect(bench.reports.at(-1)).toMatchObject({ finished: [{ number: 3, units: 1 }] });
    }));

  it("say who was offered units: they are not inside any more, or nobody would follow them", () =>
    withOutbox(async (bench) => {
      bench.reserve(1, "offered");
      await bench.runtime.advance(REPORT_MS);
      expect(bench.reports.at(-1)).toMatchObject({ finished: [{ number: 1, units: 1 }] });
    }));

  it("come at most every quarter of a second while things change", () =>
    withOutbox(async (bench) => {
      for (let times = 0; times < 100; times++) {
        bench.reserve(1);
        await bench.runtime.advance(10);
      }
      expect(bench.reports).toHaveLength(4);
      const numbers = bench.reports.flatMap((report) =>
        report.finished.map(({ number }) => number),
      );
      expect(new Set(numbers).size).toBe(numbers.length);
    }));

  it("come every five seconds while nothing changes, and bring the sale's control", () =>
    withOutbox(async (bench) => {
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      bench.control = control({ mode: "paused", version: 2 });
      await bench.runtime.advance(IDLE_MS - 1);
      expect(bench.reports).toHaveLength(1);
      await bench.runtime.advance(1);
      expect(bench.reports).toHaveLength(2);
      expect(bench.reports[1]).toMatchObject({ finished: [], sequence: 2 });
      expect(bench.heard.at(-1)).toMatchObject({ mode: "paused", version: 2 });
    }));

  it("do not wait for the idle pause when something changes", () =>
    withOutbox(async (bench) => {
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS + 1_000);
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      expect(bench.reports).toHaveLength(2);
      await bench.runtime.advance(IDLE_MS - 1);
      expect(bench.reports).toHaveLength(2);
      await bench.runtime.advance(1);
      expect(bench.reports).toHaveLength(3);
    }));

  it("name a number when it bought, not when it cancels", () =>
    withOutbox(async (bench) => {
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      bench.cancelNewest();
      await bench.runtime.advance(REPORT_MS);
      expect(bench.reports.at(-1)).toMatchObject({
        sequence: 3,
        level: { available: 10_000, held: 0 },
        finished: [],
      });
    }));

  it("carry 1,000 events at most and go on at once with the rest", () =>
    withOutbox(async (bench) => {
      bench.reserve(1_500);
      await bench.runtime.advance(REPORT_MS);
      expect(bench.reports).toHaveLength(1);
      expect(bench.marks().reported).toBe(1_000);
      await bench.runtime.advance(REPORT_MS);
      expect(bench.marks().reported).toBe(1_501);
      const numbers = bench.reports.flatMap((report) =>
        report.finished.map(({ number }) => number),
      );
      expect(numbers).toEqual(Array.from({ length: 1_500 }, (_, index) => index + 1));
    }));

  it("that fail are repeated after five seconds with everything that they carried", () =>
    withOutbox(async (bench) => {
      bench.reporting = () => Promise.reject(new Error("the sequencer is gone"));
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      expect(bench.failures).toEqual(["sku.report.failed"]);
      expect(bench.marks().reported).toBe(0);
      bench.reporting = () => Promise.resolve();
      await bench.runtime.advance(IDLE_MS);
      expect(bench.reports).toMatchObject([{ finished: [{ number: 1, units: 1 }] }]);
      expect(bench.marks().reported).toBe(2);
    }));

  it("are made one at a time", () =>
    withOutbox(async (bench) => {
      const gate = Promise.withResolvers<void>();
      bench.reporting = () => gate.promise;
      bench.reserve(1);
      const first = bench.outbox.report();
      await bench.outbox.report();
      gate.resolve();
      await first;
      expect(bench.reports).toHaveLength(1);
    }));

  it("stop when the sale has ended and everything is told", () =>
    withOutbox(async (bench) => {
      bench.control = control({ mode: "ended", version: 2 });
      bench.reserve(1);
      await bench.runtime.advance(REPORT_MS);
      await bench.runtime.advance(20 * IDLE_MS);
      expect(bench.reports).toHaveLength(1);
      expect(bench.runtime.delays()).toEqual([]);
      bench.cancelNewest();
      await bench.runtime.advance(REPORT_MS);
      expect(bench.reports).toHaveLength(2);
    }));
});
