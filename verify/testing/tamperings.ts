import { createHash } from "node:crypto";
import { DRAW_TAMPERINGS } from "./draw-tamperings.ts";
import {
  at,
  exchanged,
  moved,
  repeated,
  withFields,
  withTerms,
  type Edit,
  type Tampering,
  type Which,
} from "./edits.ts";

const LINE_TAMPERINGS: Tampering[] = [
  [
    "two joins exchanged",
    "line",
    (told) => moved(told, at(told, "joined", 9), at(told, "joined", 8)),
    /joins: entry \d+: number 10 follows 8/,
  ],
  [
    "a join removed",
    "line",
    (told) => told.toSpliced(at(told, "joined", 20), 1),
    /joins: entry \d+: number 22 follows 20: it should be 21/,
  ],
  [
    "a join added",
    "line",
    (told) => repeated(told, at(told, "joined", 20)),
    /joins: entry \d+: number 21 follows 21: it should be 22/,
  ],
  [
    "a join renumbered",
    "line",
    (told) => withFields(told, at(told, "joined", 30), { number: 12 }),
    /joins: entry \d+: number 12 follows 30/,
  ],
  [
    "a join's stamp back-dated",
    "line",
    (told) => {
      const index = at(told, "joined", 30);
      return withFields(told, index, { stampMs: (told[index]?.["stampMs"] as number) - 2_000 });
    },
    /joins: entry \d+: the join 31 is back-dated: its stamp is \d+ ms before the last/,
  ],
  [
    "an entry back-dated",
    "line",
    (told) => withFields(told, 60, { atMs: (told[60]?.atMs ?? 0) - 5_000 }),
    /entries: entry 60: the entry is back-dated/,
  ],
  [
    "a join numbered without waiting for others",
    "line",
    (told) => {
      const index = at(told, "joined", 82);
      return withFields(told, index, { stampMs: told[index]?.atMs });
    },
    /joins: entry \d+: the join 83 was numbered before the reorder window of 250 ms had passed/,
  ],
  [
    "a second place for somebody",
    "line",
    (told) => {
      const binding = told[at(told, "joined", 59)]?.["binding"];
      return withFields(told, at(told, "joined", 61), { binding });
    },
    /joins: entry \d+: the join 62 gives a shopper a second place: the first, 60, was not over/,
  ],
  [
    "the cursor jumped",
    "line",
    (told) => {
      const index = at(told, "invited", 3);
      return withFields(told, index, { first: (told[index]?.["first"] as number) + 2 });
    },
    /cursor: entry \d+: \d+ to \d+ are invited; the cursor stood at \d+/,
  ],
  [
    "the cursor ahead of the line",
    "line",
    (told) => withFields(told, at(told, "invited"), { through: 70 }),
    /cursor: entry \d+: 1 to 70 are invited, and only \d+ have a number/,
  ],
  [
    "an invitation removed",
    "line",
    (told) => told.toSpliced(at(told, "invited", 4), 1),
    /admissions: entry \d+: number \d+ is let in, and was not invited/,
  ],
  [
    "invitations without end",
    "line",
    (told) => withTerms(told, { totalActiveUsers: 0 }),
    /cursor: entry \d+: 5 are invited and silent; the capacity allows 0/,
  ],
  [
    "one too many inside",
    "line",
    (told) => moved(told, at(told, "over", 2), at(told, "over", 12)),
    /admissions: entry \d+: number \d+ is let in, which makes 7 inside, where there is room for 6/,
  ],
  [
    "one too many in a minute",
    "line",
    (told) => withTerms(told, { newUsersPerMinute: 20 }),
    /admissions: entry \d+: number \d+ is let in, which makes 21 within 60 s, where the rate allows 20/,
  ],
  [
    "let in twice",
    "line",
    (told) =>
      withFields(told, at(told, "granted", 3), {
        number: told[at(told, "granted", 2)]?.["number"],
      }),
    /admissions: entry \d+: number 3 is let in, and was let in before/,
  ],
  [
    "let in while the sale was paused",
    "line",
    (told) => {
      const pause = at(told, "controlled", 0, { mode: "paused" });
      const session = 10_000;
      const granted = moved(told, at(told, "granted", 19), pause + 1);
      return withFields(granted, pause + 1, {
        expiresAtMs: (granted[pause + 1]?.atMs ?? 0) + session,
      });
    },
    /admissions: entry \d+: number \d+ is let in though the sale was paused/,
  ],
  [
    "a longer stay than others have",
    "line",
    (told) => {
      const index = at(told, "granted", 5);
      return withFields(told, index, {
        expiresAtMs: (told[index]?.["expiresAtMs"] as number) + 60_000,
      });
    },
    /admissions: entry \d+: number \d+ is let in for 60000 ms longer than a session lasts/,
  ],
  [
    "a pass that pretends to be older, and leaves the minute sooner",
    "line",
    (told) => {
      const index = at(told, "granted", 5);
      return withFields(told, index, {
        expiresAtMs: (told[index]?.["expiresAtMs"] as number) - 5_001,
      });
    },
    /admissions: entry \d+: number \d+ is let in by a clock that was 5001 ms behind/,
  ],
  [
    "a stay renewed for too long",
    "line",
    (told) => {
      const index = at(told, "renewed");
      return withFields(told, index, {
        expiresAtMs: (told[index]?.["expiresAtMs"] as number) + 1,
      });
    },
    /admissions: entry \d+: the stay of number \d+ is renewed for 1 ms too long/,
  ],
  [
    "a stay cut short",
    "line",
    (told) => withFields(told, at(told, "over", 1), { how: "expired" }),
    /turns: entry \d+: number \d+ is over \(expired\), and its stay had \d+ ms left/,
  ],
  [
    "a turn over twice",
    "line",
    (told) => repeated(told, at(told, "over", 1)),
    /turns: entry \d+: number \d+ is over \(finished\), and it was over before/,
  ],
  [
    "an invitation that lapses early",
    "line",
    (told) => moved(told, at(told, "lapsed"), at(told, "invited", 2)),
    /cursor: entry \d+: 1 to 5 lapse \d+ ms too early/,
  ],
  [
    "a second start",
    "line",
    (told) => repeated(told, at(told, "turned")),
    /entries: entry \d+: the sale started a second time/,
  ],
  [
    "a start before its time",
    "line",
    (told) => withTerms(told, { startsAtMs: Number(told[at(told, "turned")]?.atMs) + 500 }),
    /entries: entry \d+: the sale started 500 ms too early/,
  ],
  [
    "a join without a number",
    "line",
    (told) => withFields(told, at(told, "joined", 3), { number: undefined }),
    /joins: entry \d+: a join needs a number or an index, and has not one of them/,
  ],
  [
    "an index where no places are drawn",
    "line",
    (told) => withFields(told, at(told, "joined", 3), { number: undefined, index: 4 }),
    /joins: entry \d+: index 4 is given where no places are drawn/,
  ],
  [
    "a join put long before it arrived",
    "line",
    (told) => withFields(told, at(told, "joined", 3), { arrivedAtMs: told.at(-1)?.atMs }),
    /joins: entry \d+: the join 4 was put \d+ ms before it arrived/,
  ],
  [
    "the cursor moved during a pause",
    "line",
    (told) => {
      const pause = at(told, "controlled", 0, { mode: "paused" });
      const next = told.findIndex(({ kind }, index) => kind === "invited" && index > pause);
      return moved(told, next, pause + 1);
    },
    /cursor: entry \d+: \d+ to \d+ are invited though the sale was paused/,
  ],
  [
    "a lapse of who is not invited",
    "line",
    (told) => withFields(told, at(told, "lapsed"), { through: 83 }),
    /cursor: entry \d+: 1 to 83 lapse, and \d+ are invited/,
  ],
  [
    "somebody who asks twice",
    "line",
    (told) => repeated(told, at(told, "asked")),
    /admissions: entry \d+: number \d+ asks, and asked before/,
  ],
  [
    "a stay renewed that there is not",
    "line",
    (told) => withFields(told, at(told, "renewed"), { number: 83 }),
    /admissions: entry \d+: the stay of number 83 is renewed, and it is not inside/,
  ],
  [
    "a stay renewed where none is",
    "line",
    (told) => withTerms(told, { disableSessionRenewal: true }),
    /admissions: entry \d+: the stay of number \d+ is renewed where none is/,
  ],
  [
    "a stay renewed to its harm",
    "line",
    (told) => {
      const index = at(told, "renewed");
      return withFields(told, index, { expiresAtMs: told[index]?.atMs });
    },
    /admissions: entry \d+: the stay of number \d+ is renewed and ends sooner for it/,
  ],
  [
    "an entry of another sale",
    "line",
    (told) => withFields(told, 12, { sale: "another" }),
    /entries: entry 12: the entry is of the sale "another"/,
  ],
  [
    "the terms removed",
    "line",
    (told) => told.slice(1),
    /entries: entry 0: the log does not begin with the sale's terms/,
  ],
  [
    "an entry that lacks a field",
    "line",
    (told) => withFields(told, at(told, "granted"), { expiresAtMs: null }),
    /entries: entry \d+: the entry lacks what an entry of the kind "granted" tells/,
  ],
];

/** What an operator who holds the key changes, and what it is found out by in what is published. */
export const RULES: readonly Tampering[] = [...LINE_TAMPERINGS, ...DRAW_TAMPERINGS];

/** What no rule is broken by: whoever kept a head or a receipt finds it out. */
export const FORKS: [what: string, which: Which, edit: Edit][] = [
  [
    "two shoppers exchanged",
    "line",
    (told) => exchanged(told, [at(told, "joined", 3), at(told, "joined", 4)], ["binding"]),
  ],
  [
    "a shopper back-dated between two others",
    "line",
    (told) => {
      const [before, index] = [at(told, "joined", 5), at(told, "joined", 6)];
      return withFields(told, index, { stampMs: told[before]?.["stampMs"] });
    },
  ],
  [
    "a seed redrawn, and its promise with it",
    "drawn",
    (told) => {
      const seed = "another";
      const seedHash = createHash("sha256").update(seed).digest("hex");
      return withTerms(withFields(told, at(told, "revealed"), { seed }), { seedHash });
    },
  ],
  [
    "the public value changed",
    "drawn",
    (told) => withFields(told, at(told, "randomness"), { value: "another value" }),
  ],
];
