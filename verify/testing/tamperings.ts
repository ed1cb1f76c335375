import { createHash } from "node:crypto";
import type { Told } from "./played.ts";

/** Changes the entries of an honest log. */
type Edit = (told: Told[]) => Told[];

/** Where the n-th entry of a kind is, from 0. */
export function at(told: readonly Told[], kind: string, nth = 0, like: object = {}): number {
  const found = told.flatMap((entry, index) => {
    const isLike = Object.entries(like).every(([name, value]) => entry[name] === value);
    return entry.kind === kind && isLike ? index : [];
  });
  const index = found[nth];
  if (index === undefined) throw new Error(`The sale has no ${kind} number ${nth}.`);
  return index;
}

/** With other fields in one entry. */
function withFields(told: Told[], index: number, fields: object): Told[] {
  return told.map((entry, own) => (own === index ? { ...entry, ...fields } : entry));
}

/** With one entry moved to stand before another, and told at its time. */
function moved(told: Told[], from: number, before: number): Told[] {
  const [entry] = told.slice(from, from + 1);
  const atMs = told[before]?.atMs ?? 0;
  const rest = told.toSpliced(from, 1);
  return rest.toSpliced(from < before ? before - 1 : before, 0, { ...entry, atMs } as Told);
}

/** With the same field of two entries exchanged. */
export function exchanged(told: Told[], [a, b]: [number, number], fields: string[]): Told[] {
  const of = (index: number) =>
    Object.fromEntries(fields.map((name) => [name, told[index]?.[name]]));
  return withFields(withFields(told, a, of(b)), b, of(a));
}

/** The terms, changed from the beginning. */
function withTerms(told: Told[], terms: object): Told[] {
  return withFields(told, 0, { terms: { ...(told[0]?.["terms"] as object), ...terms } });
}

/** A grant that waited for its turn behind an `asked`, and the next one who did. */
function waiters(told: Told[]): [number, number] {
  const numbers = told.flatMap(({ kind, number }) => (kind === "asked" ? (number as number) : []));
  for (const number of numbers) {
    const [asked, granted] = [
      at(told, "asked", 0, { number }),
      told.findIndex((entry) => entry.kind === "granted" && entry["number"] === number),
    ];
    const later = numbers.find((other) => {
      const [asks, lets] = [
        at(told, "asked", 0, { number: other }),
        told.findIndex((entry) => entry.kind === "granted" && entry["number"] === other),
      ];
      return other > number && asks > asked && asks < granted && lets > granted;
    });
    if (later !== undefined) return [granted, at(told, "granted", 0, { number: later })];
  }
  throw new Error("Nobody waited behind another.");
}

/** What an operator who holds the key changes, and what it is found out by in what is published. */
export const RULES: [what: string, which: "line" | "drawn", edit: Edit, reason: RegExp][] = [
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
    (told) => told.toSpliced(at(told, "joined", 20), 0, told[at(told, "joined", 20)] as Told),
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
    "an admission out of order",
    "drawn",
    (told) => exchanged(told, waiters(told), ["number"]),
    /admissions: entry \d+: number \d+ is let in before number \d+, who had asked/,
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
    (told) => told.toSpliced(at(told, "over", 1), 0, told[at(told, "over", 1)] as Told),
    /turns: entry \d+: number \d+ is over \(finished\), and it was over before/,
  ],
  [
    "an invitation that lapses early",
    "line",
    (told) => moved(told, at(told, "lapsed"), at(told, "invited", 2)),
    /cursor: entry \d+: 1 to 5 lapse \d+ ms too early/,
  ],
  [
    "a seed redrawn",
    "drawn",
    (told) => withFields(told, at(told, "revealed"), { seed: "another" }),
    /draws: entry \d+: the seed of draw 1 is another than was promised/,
  ],
  [
    "a seed told before the draw is closed",
    "drawn",
    (told) => moved(told, at(told, "revealed"), at(told, "drawn")),
    /draws: entry \d+: the seed of draw 1 was told before it was drawn/,
  ],
  [
    "a draw that leaves somebody out",
    "drawn",
    (told) => withFields(told, at(told, "drawn"), { joined: 59 }),
    /draws: entry \d+: draw 1 is told to be of 59 who joined; 60 did/,
  ],
  [
    "the seed told without the public value",
    "drawn",
    (told) => told.toSpliced(at(told, "randomness"), 1),
    /draws: entry \d+: the seed of draw 1 was told before the public value was there/,
  ],
  [
    "another round of the beacon",
    "drawn",
    (told) => withFields(told, at(told, "randomness"), { round: "18" }),
    /draws: entry \d+: the value is of a beacon, round 18; promised was a beacon, round 17/,
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

/** What no rule is broken by: whoever kept a head or a receipt finds it out. */
export const FORKS: [what: string, which: "line" | "drawn", edit: Edit][] = [
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
