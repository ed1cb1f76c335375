import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changed, played, resigned, toldIn, type Played } from "./testing/played.ts";
import { at, exchanged, FORKS, RULES } from "./testing/tamperings.ts";
import { verifyLog, type Verdict } from "./verify.ts";

const QUEUE = {
  totalActiveUsers: 6,
  newUsersPerMinute: 600,
  claimSeconds: 5,
  sessionDurationSeconds: 10,
};
const RANDOM = {
  ...QUEUE,
  shuffleAtStart: true,
  prequeueStartsAtMs: 1,
  publicRandomness: { source: "a beacon", round: "17" },
};

let line: Played;
let drawn: Played;

beforeAll(async () => {
  [line, drawn] = await Promise.all([
    played({ shoppers: 80, seconds: 6, isLed: true, queue: QUEUE }),
    played({ shoppers: 60, seconds: 6, queue: RANDOM }),
  ]);
});

afterAll(() => Promise.all([line.remove(), drawn.remove()]));

describe("an honest sale", () => {
  it.each(["line", "drawn"] as const)("is accepted, with all that was kept of it: %s", (which) => {
    const { copy, checkpoints, receipts } = { line, drawn }[which];
    expect(receipts).toHaveLength(50);
    expect(said(verifyLog(copy, [], [...checkpoints, ...receipts]))).toEqual([]);
    expect(said(verifyLog(resigned(copy, toldIn(copy)), [], checkpoints))).toEqual([]);
  });

  it("may tell what is not known here", () => {
    const told = toldIn(line.copy);
    const more = { sale: "drop", kind: "weather", atMs: told.at(-1)?.atMs ?? 0 };
    const verdict = verifyLog(resigned(line.copy, [...told, more]), [], []);
    expect(said(verdict)).toEqual([]);
    expect([...verdict.rules.unknown]).toEqual([["weather", 1]]);
  });
});

describe("what is changed behind the operator's back does not make the head that is signed", () => {
  const all = [...RULES.map(([what, which, edit]) => [what, which, edit] as const), ...FORKS];
  it.each(all)("%s", (_what, which, edit) => {
    const { copy } = { line, drawn }[which];
    const verdict = verifyLog(changed(copy, edit(toldIn(copy))), [], []);
    expect(said(verdict).join("\n")).toMatch(/^head: (the entries do not|the head is of)/m);
    expect(said(verdict).join("\n")).toMatch(/^tiles: entry \d+: /m);
  });
});

describe("what the operator hashes and signs anew breaks a rule", () => {
  it.each(RULES)("%s", (_what, which, edit, reason) => {
    const { copy } = { line, drawn }[which];
    const verdict = verifyLog(resigned(copy, edit(toldIn(copy))), [], []);
    expect(said(verdict).join("\n")).toMatch(reason);
    expect(said(verdict).join("\n")).not.toMatch(/^(head|tiles|signature): /m);
  });
});

describe("what breaks no rule is another log than the one that somebody has seen", () => {
  it.each(FORKS)("%s", (_what, which, edit) => {
    const { copy, checkpoints } = { line, drawn }[which];
    const forged = resigned(copy, edit(toldIn(copy)));
    expect(said(verifyLog(forged, [], []))).toEqual([]);
    const found = said(verifyLog(forged, [], checkpoints)).join("\n");
    expect(found).toMatch(/^earlier heads: head \d+ is a head of \d+ entries .* it was forked$/m);
  });

  it("a receipt's own entry", () => {
    const told = toldIn(line.copy);
    const index = at(told, "joined", 3);
    const forged = resigned(line.copy, exchanged(told, [index, index + 1], ["binding"]));
    const found = said(verifyLog(forged, [], line.receipts)).join("\n");
    expect(found).toMatch(
      /^receipts: entry \d+: receipt \d+ is of another entry than the log has/m,
    );
  });

  it("a log that was cut", () => {
    const short = resigned(line.copy, toldIn(line.copy).slice(0, 50));
    const found = said(verifyLog({ ...short, isLive: true }, [], line.checkpoints)).join("\n");
    expect(found).toMatch(/is of \d+ entries: the log was cut to 50/);
    expect(() => verifyLog(short, [], line.checkpoints)).toThrow(/newer than the copy/);
  });
});

describe("who signs", () => {
  it("has to be known", () => {
    const { copy } = line;
    const [key] = drawn.copy.keys;
    const keys = key ? [{ ...key, id: "00000000" }] : [];
    expect(said(verifyLog(copy, keys, line.receipts.slice(0, 1))).join("\n")).toMatch(
      /^signature: the checkpoint is not signed by a key of the log\nreceipts: .*not signed/m,
    );
    const other = copy.checkpoint.replace("sales/drop\n", "sales/another\n");
    expect(said(verifyLog({ ...copy, checkpoint: other }, [], [])).join("\n")).toMatch(
      /^signature: the checkpoint is of another sale/m,
    );
  });
});

function said({ findings }: Verdict): string[] {
  return findings.map(
    ({ check, entry, says }) => `${check}: ${entry === null ? "" : `entry ${entry}: `}${says}`,
  );
}
