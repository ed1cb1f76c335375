import {
  at,
  exchanged,
  moved,
  repeated,
  waiters,
  withFields,
  withTerms,
  type Tampering,
} from "./edits.ts";

/** Of sales that draw places. */
export const DRAW_TAMPERINGS: readonly Tampering[] = [
  [
    "an admission out of order",
    "drawn",
    (told) => exchanged(told, waiters(told), ["number"]),
    /admissions: entry \d+: number \d+ is let in before number \d+, who had asked/,
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
    "a number before the draw",
    "drawn",
    (told) => withFields(told, at(told, "joined", 3), { index: undefined, number: 4 }),
    /joins: entry \d+: number 4 is given before the draw/,
  ],
  [
    "draws without a promise",
    "drawn",
    (told) => withTerms(told, { seedHash: null }),
    /draws: entry 0: places are to be drawn, and no hash of the seed is told/,
  ],
  [
    "somebody let into the draw after the start",
    "drawn",
    (told) => withTerms(told, { startsAtMs: Number(told[1]?.atMs) - 5_000 }),
    /draws: entry 1: somebody joined 5000 ms after the start, before the draw/,
  ],
  [
    "a draw before the start",
    "drawn",
    (told) => withTerms(told, { startsAtMs: Number(told[at(told, "drawn")]?.atMs) + 7 }),
    /draws: entry \d+: draw 1 is 7 ms before the start/,
  ],
  [
    "a value that nobody promised",
    "drawn",
    (told) => withTerms(told, { publicRandomness: null }),
    /draws: entry \d+: a public value is mixed in that was not promised/,
  ],
  [
    "a value brought twice",
    "drawn",
    (told) => repeated(told, at(told, "randomness")),
    /draws: entry \d+: a public value was brought before/,
  ],
  [
    "a value that comes after the seed",
    "drawn",
    (told) => moved(told, at(told, "randomness"), at(told, "revealed") + 1),
    /draws: entry \d+: the public value came after a seed was told/,
  ],
  [
    "a value that is known while people join the draw",
    "drawn",
    (told) => moved(told, at(told, "randomness"), at(told, "drawn")),
    /draws: entry \d+: the public value came before the first draw was closed/,
  ],
  [
    "a seed told twice",
    "drawn",
    (told) => repeated(told, at(told, "revealed")),
    /draws: entry \d+: the seed of draw 1 was told before/,
  ],
  [
    "a draw left out",
    "rounds",
    (told) => withFields(told, at(told, "drawn", 1), { draw: 3 }),
    /draws: entry \d+: draw 3 comes after draw 1/,
  ],
  [
    "more draws than there may be",
    "rounds",
    (told) => withTerms(told, { drawsMax: 1 }),
    /draws: entry \d+: draw 2 is more than the 1 there may be/,
  ],
  [
    "two draws within a round",
    "rounds",
    (told) => moved(told, at(told, "drawn", 1), at(told, "revealed") + 1),
    /draws: entry \d+: draw 2 is in the same half minute as the one before it/,
  ],
  [
    "seeds told in another order",
    "rounds",
    (told) => {
      const [first, second] = [at(told, "revealed"), at(told, "revealed", 1)];
      return exchanged(moved(told, first, second), [second - 1, second], ["draw", "seed"]);
    },
    /draws: entry \d+: the seed of draw 2 was told before that of draw 1/,
  ],
];
