import { beforeEach, describe, expect, it } from "vitest";
import type { FairnessHead, SaleFairness } from "../../domain/fairness/report.ts";
import { entriesOf, sampleTerms } from "../../domain/fairness/testing/history.ts";
import type { LogEntry, LogEvent } from "../../domain/log/leaf.ts";
import { FairnessReports, type LogSource } from "./fairness-reports.ts";

const NOON_MS = 1_700_000_000_000;

/** A log in memory, which says what it was asked. */
class Log implements LogSource {
  readonly entries: LogEntry[] = entriesOf([{ after: 0, kind: "opened", terms: sampleTerms() }]);
  readonly asked: number[] = [];
  kept: SaleFairness | null = null;
  /** Holds every page back until it is let go. */
  gate: Promise<void> = Promise.resolve();

  add(...events: LogEvent[]): void {
    for (const event of events) this.entries.push(...entriesOf([{ after: 1, ...event }]));
  }

  join(count: number): void {
    const before = this.entries.filter(({ kind }) => kind === "joined").length;
    for (let number = before + 1; number <= before + count; number++)
      this.add({ kind: "joined", number, arrivedAtMs: NOON_MS, stampMs: NOON_MS, binding: "" });
  }

  async fairness(final?: SaleFairness): Promise<FairnessHead> {
    this.kept ??= final ?? null;
    const size = this.entries.length;
    return { checkpoint: { size, note: `head of ${size}` }, kept: this.kept };
  }

  async logEntries(first: number, count: number) {
    this.asked.push(first);
    await this.gate;
    const page = this.entries.slice(first, first + Math.min(count, 2_000));
    return { size: this.entries.length, entries: page.map((entry) => JSON.stringify(entry)) };
  }
}

let nowMs = NOON_MS;
let reports: FairnessReports;
let log: Log;

beforeEach(() => {
  nowMs = NOON_MS;
  reports = new FairnessReports({ now: () => nowMs });
  log = new Log();
});

describe("the reports of an isolate", () => {
  it("read a log in pages, and say which checkpoint they cover", async () => {
    log.join(4_500);
    const report = await reports.report("drop", log);
    expect(report).toMatchObject({ entries: 4_501, joined: 4_500, checkpoint: "head of 4501" });
    expect(log.asked).toEqual([0, 2_000, 4_000]);
  });

  it("are made anew after ten seconds, and go on from where they were", async () => {
    log.join(3);
    await reports.report("drop", log);
    log.join(2);
    nowMs += 9_999;
    expect(await reports.report("drop", log)).toMatchObject({ joined: 3, checkpoint: "head of 4" });
    nowMs += 1;
    expect(await reports.report("drop", log)).toMatchObject({ joined: 5, checkpoint: "head of 6" });
    expect(log.asked).toEqual([0, 4]);
  });

  it("are kept by the sale when they are final, and are not worked out again", async () => {
    log.join(3);
    log.add({ kind: "turned", turn: "ended" });
    const final = await reports.report("drop", log);
    expect(final).toMatchObject({ isFinal: true, joined: 3, checkpoint: "head of 5" });
    expect(log.kept).toEqual(final);
    log.add({ kind: "over", number: 1, how: "left" });
    nowMs += 60_000;
    expect(await reports.report("drop", log)).toEqual(final);
    expect(await new FairnessReports({ now: () => nowMs }).report("drop", log)).toEqual(final);
    expect(log.asked).toEqual([0]);
  });

  it("never feed one reader with the entries of another", async () => {
    log.join(3);
    let open = (): void => {};
    log.gate = new Promise((resolve) => {
      open = resolve;
    });
    const both = [reports.report("drop", log), reports.report("drop", log)];
    open();
    for (const report of await Promise.all(both))
      expect(report).toMatchObject({ joined: 3, duplicates: { numbers: 0 } });
    log.join(1);
    nowMs += 10_000;
    const again = [reports.report("drop", log), reports.report("drop", log)];
    const [made, known] = await Promise.all(again);
    expect(made).toMatchObject({ joined: 4, duplicates: { numbers: 0 } });
    expect(known).toMatchObject({ joined: 3 });
    // Who comes while a known report is made anew gets that one.
    log.join(1);
    nowMs += 10_000;
    log.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = reports.report("drop", log);
    await Promise.resolve();
    expect(await reports.report("drop", log)).toMatchObject({ joined: 4 });
    open();
    expect(await first).toMatchObject({ joined: 5, duplicates: { numbers: 0 } });
    expect(log.asked).toEqual([0, 0, 4, 5]);
  });

  it("go on after a page that did not come", async () => {
    log.join(2_500);
    const broken: LogSource = {
      fairness: () => log.fairness(),
      logEntries: async (first, count) => {
        if (first > 0) throw new Error("The object was reset.");
        return log.logEntries(first, count);
      },
    };
    await expect(reports.report("drop", broken)).rejects.toThrow("reset");
    expect(await reports.report("drop", log)).toMatchObject({ joined: 2_500 });
    expect(log.asked).toEqual([0, 2_000]);
  });

  it("are not final before the end of the log was read", async () => {
    log.join(5);
    log.add({ kind: "turned", turn: "ended" }, { kind: "over", number: 1, how: "left" });
    const behind: LogSource = {
      fairness: () => log.fairness(),
      logEntries: (first) => log.logEntries(first, first === 0 ? 7 : 0),
    };
    expect(await reports.report("drop", behind)).toMatchObject({ isFinal: false, entries: 7 });
    expect(await reports.report("drop", log)).toMatchObject({ isFinal: true, entries: 8 });
  });

  it("let go of lines when they keep too many places in mind", async () => {
    reports = new FairnessReports({ now: () => nowMs }, 5);
    const others = [new Log(), new Log()];
    for (const one of others) one.join(4);
    const [first, second] = others as [Log, Log];
    await reports.report("first", first);
    await reports.report("second", second);
    await reports.report("second", second);
    await reports.report("first", first);
    expect([first.asked, second.asked]).toEqual([[0, 0], [0]]);
  });

  it("are of the beginning of a line that is too long, and never final", async () => {
    reports = new FairnessReports({ now: () => nowMs }, 2_500);
    log.join(9_000);
    log.add({ kind: "turned", turn: "ended" });
    expect(await reports.report("drop", log)).toMatchObject({ isFinal: false, entries: 4_000 });
  });

  it("are none where there is no log", async () => {
    const none = { fairness: async () => null, logEntries: async () => null };
    expect(await reports.report("drop", none)).toBeNull();
  });
});
