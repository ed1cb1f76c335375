import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keptCheckpoint } from "./evidence.ts";
import { at, exchanged, type Which } from "./testing/edits.ts";
import { changed, played, resigned, toldIn, type Played, type Script } from "./testing/played.ts";
import { FORKS, RULES } from "./testing/tamperings.ts";
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

const SCRIPTS: Record<Which, Script> = {
  line: { shoppers: 80, seconds: 6, isLed: true, queue: QUEUE },
  drawn: { shoppers: 60, seconds: 6, queue: RANDOM },
  rounds: { shoppers: 40, seconds: 70, queue: { ...QUEUE, queueingMethod: "random" } },
};

let sales: Record<Which, Played>;

beforeAll(async () => {
  const [line, drawn, rounds] = await Promise.all([
    played(SCRIPTS.line),
    played(SCRIPTS.drawn),
    played(SCRIPTS.rounds),
  ]);
  sales = { line, drawn, rounds };
});

afterAll(async () => {
  for (const sale of Object.values(sales)) await sale.remove();
});

describe("an honest sale", () => {
  it.each(["line", "drawn", "rounds"] as const)(
    "is accepted, with all that was kept of it: %s",
    (which) => {
      const { copy, checkpoints, receipts } = sales[which];
      expect(receipts.length).toBeGreaterThanOrEqual(40);
      expect(said(verifyLog(copy, [], [...checkpoints, ...receipts]))).toEqual([]);
      expect(said(verifyLog(resigned(copy, toldIn(copy)), [], checkpoints))).toEqual([]);
    },
  );

  it("may tell what is not known here", () => {
    const told = toldIn(sales.line.copy);
    const more = { sale: "drop", kind: "weather", atMs: told.at(-1)?.atMs ?? 0 };
    const verdict = verifyLog(resigned(sales.line.copy, [...told, more]), [], []);
    expect(said(verdict)).toEqual([]);
    expect([...verdict.rules.unknown]).toEqual([["weather", 1]]);
  });
});

describe("what is changed behind the operator's back does not make the head that is signed", () => {
  const all = [...RULES.map(([what, which, edit]) => [what, which, edit] as const), ...FORKS];
  it.each(all)("%s", (_what, which, edit) => {
    const { copy } = sales[which];
    const verdict = verifyLog(changed(copy, edit(toldIn(copy))), [], []);
    expect(said(verdict).join("\n")).toMatch(/^head: (the entries do not|the head is of)/m);
    expect(said(verdict).join("\n")).toMatch(/^tiles: entry \d+: /m);
  });
});

describe("what the operator hashes and signs anew breaks a rule", () => {
  it.each(RULES)("%s", (_what, which, edit, reason) => {
    const { copy } = sales[which];
    const verdict = verifyLog(resigned(copy, edit(toldIn(copy))), [], []);
    expect(said(verdict).join("\n")).toMatch(reason);
    expect(said(verdict).join("\n")).not.toMatch(/^(head|tiles|signature): /m);
  });
});

describe("what breaks no rule is another log than the one that somebody has seen", () => {
  it.each(FORKS)("%s", (_what, which, edit) => {
    const { copy, checkpoints } = sales[which];
    const forged = resigned(copy, edit(toldIn(copy)));
    expect(said(verifyLog(forged, [], []))).toEqual([]);
    const found = said(verifyLog(forged, [], checkpoints)).join("\n");
    expect(found).toMatch(/^earlier heads: head \d+ is a head of \d+ entries .* it was forked$/m);
  });

  it("a receipt's own entry", () => {
    const told = toldIn(sales.line.copy);
    const index = at(told, "joined", 3);
    const forged = resigned(sales.line.copy, exchanged(told, [index, index + 1], ["binding"]));
    const found = said(verifyLog(forged, [], sales.line.receipts)).join("\n");
    expect(found).toMatch(
      /^receipts: entry \d+: receipt \d+ is of another entry than the log has/m,
    );
  });

  it("a receipt that does not fit itself", () => {
    const [first] = sales.line.receipts;
    const { receipt, checkpoint } = first ?? {};
    if (!receipt || checkpoint === undefined) throw new Error("The sale gave no receipt.");
    const found = (changes: object): string => {
      const kept = { name: "mine", checkpoint, receipt: { ...receipt, ...changes } };
      return said(verifyLog(sales.line.copy, [], [kept])).join("\n");
    };
    expect(found({})).toBe("");
    expect(found({ leaf: receipt.leaf.replace('"number":1', '"number":2') })).toMatch(
      /^receipts: .* mine is of an entry that the head it names does not contain/m,
    );
    expect(found({ index: 100 })).toMatch(/mine is of an entry that its head does not cover/);
    expect(found({ index: -1 })).toMatch(/mine is of an entry that its head does not cover/);
  });

  it("a log that was cut", () => {
    const short = resigned(sales.line.copy, toldIn(sales.line.copy).slice(0, 50));
    const found = said(verifyLog({ ...short, isLive: true }, [], sales.line.checkpoints)).join(
      "\n",
    );
    expect(found).toMatch(/is of \d+ entries: the log was cut to 50/);
    expect(() => verifyLog(short, [], sales.line.checkpoints)).toThrow(/newer than the copy/);
  });
});

describe("who signs", () => {
  it("has to be known", () => {
    const { copy } = sales.line;
    const [key] = sales.line.copy.keys;
    const keys = key ? [{ ...key, id: "00000000" }] : [];
    expect(said(verifyLog(copy, keys, sales.line.receipts.slice(0, 1))).join("\n")).toMatch(
      /^signature: the checkpoint is not signed by a key of the log\nreceipts: .*not signed/m,
    );
    const other = copy.checkpoint.replace("sales/drop\n", "sales/another\n");
    expect(said(verifyLog({ ...copy, checkpoint: other }, [], [])).join("\n")).toMatch(
      /^signature: the checkpoint is of another sale/m,
    );
    const nameless = copy.checkpoint.replace("sales/drop\n", "sale/drop\n");
    expect(said(verifyLog({ ...copy, checkpoint: nameless }, [], [])).join("\n")).toMatch(
      /^signature: the log's name "shop.example\/sale\/drop" names no sale/m,
    );
    expect(said(verifyLog(copy, [], [keptCheckpoint("mine", other)]))).toEqual([
      "earlier heads: mine is of another log: shop.example/sales/another",
    ]);
  });
});

function said({ findings }: Verdict): string[] {
  return findings.map(
    ({ check, entry, says }) => `${check}: ${entry === null ? "" : `entry ${entry}: `}${says}`,
  );
}
