import { expect, it } from "vitest";
import { withOutbox } from "../test/system/support/outbox.ts";

/** What the outbox promises of itself; production values. */
const DRAIN_MS = 100;
const RESEND_MS = 5_000;

it("pages are texts once a consumer reads texts, and what may have gone to one of an older version is sent anew as it reads", () =>
  withOutbox(async (bench) => {
    bench.reserve(9);
    await bench.runtime.advance(DRAIN_MS);
    bench.outbox.acked(1, 10, true);
    bench.reserve(10);
    await bench.runtime.advance(DRAIN_MS);
    await bench.runtime.advance(RESEND_MS + 2 * DRAIN_MS);
    bench.outbox.wake();
    await bench.runtime.advance(DRAIN_MS);
    bench.outbox.acked(11, 20);
    bench.reserve(1);
    await bench.runtime.advance(DRAIN_MS);
    const forms = bench.pages.map(({ texts, fromSequence }) => [fromSequence, texts?.length]);
    expect(forms).toEqual([
      [1, undefined],
      [11, 10],
      [11, undefined],
      [21, undefined],
    ]);
    const rows = bench.store.ledger.rowsAfter(10, 10);
    const [, asText, asValue] = bench.pages;
    expect(asText?.texts).toEqual(rows.map(({ text }) => text));
    expect(asText?.events).toEqual(asValue?.events);
    expect(asText?.hashes).toEqual(asValue?.hashes);
  }));
