import { describe, expect, it } from "vitest";
import { checkAll } from "./checks.ts";
import { present, recordAt, soundEvidence } from "./evidence-fixture.ts";
import { Meter } from "./meter.ts";
import { figuresOf, renderReport } from "./report.ts";

/** The table's row with this name, without the padding. */
function rowOf(text: string, name: string): string {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name}  `));
  return present(line).slice(name.length).trim();
}

describe("the report", () => {
  it("shows the figures of a sound sale", () => {
    const evidence = soundEvidence();
    evidence.summary.objects = {
      skus: [
        {
          sku: "sku",
          calls: { purchase: 4 },
          commands: 12,
          commits: 4,
          projection: { events: 12, p50Ms: 200, p99Ms: 1_400, maxMs: 1_500 },
        },
      ],
      sequencer: { peakInside: 2, calls: { joins: 10 } },
    };
    const meter = new Meter();
    for (const elapsedMs of [1, 2, 3, 100]) meter.record("join", elapsedMs, 201, 1500);
    meter.record("purchase", 5, 503, 2500);
    const socket = { opened: 2, refused: 0, lost: 1, boards: 9, claimsTooSoon: 1 };
    for (const index of [4, 5]) recordAt(evidence, index).socket = { ...socket };
    const figures = figuresOf(evidence, checkAll(evidence), meter, 2.5);
    const text = renderReport(figures);
    expect(rowOf(text, "join")).toMatch(/^4 +2\.0 +100\.\d +100\.\d +100\.\d +201 x 4$/);
    expect(rowOf(text, "shoppers")).toBe("10 (2 bought, 1 declined, 7 sold out)");
    expect(rowOf(text, "requests/s")).toBe("4 in the busiest second, 2 on average (5 in 2.5 s)");
    expect(rowOf(text, "repeated")).toContain("1 busy");
    expect(rowOf(text, "sockets")).toMatch(/^4 opened for 2 .* 2 lost, 18 boards heard, 2 claims/);
    expect(rowOf(text, "purchases a commit")).toBe("3.0");
    expect(rowOf(text, "peak inside")).toBe("2 of 2 (seen by shoppers: 1)");
    expect(rowOf(text, "who waited")).toBe("100.0 percent");
    expect(rowOf(text, "sold")).toBe("2 of 2");
    expect(rowOf(text, "to the tables")).toMatch(/^p50 200 ms, p99 1,400 ms .* 12 events$/);
    expect(rowOf(text, "books")).toBe(
      "12 events, 3 orders, 3 payments, 3 charges of the provider: no difference",
    );
    expect(rowOf(text, "messages")).toBe(
      "6 told to 3 shoppers, all compared in the lists of staff and of the reconciliation; 4 mailboxes read by their shoppers",
    );
    expect(text).not.toContain("read ahead");
    const ahead = renderReport({ ...figures, isReadAhead: true });
    expect(rowOf(ahead, "read ahead")).toMatch(
      /the ledger, read again after it, has them row by row/,
    );
    expect(rowOf(text, "history")).toBe("3 chains, 20 rows verified: nothing found");
    expect(rowOf(text, "rebuilt")).toBe("from 20 rows of chains: equal, row by row");
    expect(rowOf(text, "the line's log")).toBe(
      "verifies: 40 entries, 10 of them joins, head aGVhZA==; 1 receipts held against it",
    );
    expect(rowOf(text, "acknowledged")).toBe(
      "10 of 10 joins, 3 of 3 passes, 3 of 3 holds, 3 of 3 orders, 2 of 2 payments are there in the end",
    );
    expect(rowOf(text, "certain inversions")).toBe("0");
    expect(rowOf(text, "calls to the sku")).toBe("purchase 4; 12 commands in 4 commits");
    expect(rowOf(text, "calls to the lanes")).toBe("not said");
    expect(text.endsWith("Every promise was kept.")).toBe(true);
  });

  it("counts breaches by kind and ends with a line for each", () => {
    const evidence = soundEvidence();
    evidence.orders.pop();
    present(recordAt(evidence, 4).places[0]).number = 50;
    const figures = figuresOf(evidence, checkAll(evidence), new Meter(), 1);
    expect(figures.lost).toBeGreaterThan(0);
    expect(figures.certainInversions).toBe(5);
    expect(figures.secondsToSellOut).not.toBeNull();
    const text = renderReport(figures);
    expect(text).toContain("BROKEN: every acknowledged hold is kept (1)");
    expect(text).toContain("order-2 is in the ledger and not in D1");
    expect(text).not.toContain("Every promise was kept.");
  });

  it("says so where the system does not say", () => {
    const evidence = { ...soundEvidence(), summary: {} };
    present(evidence.ledger.at(-1)).sold = 1;
    const text = renderReport(figuresOf(evidence, [], new Meter(), 1));
    expect(rowOf(text, "purchases a commit")).toBe("not said");
    expect(rowOf(text, "time to sell out")).toBe("not said");
  });
});
