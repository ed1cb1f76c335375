import { assert, array, integer, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { keyring, NOON_MS } from "../../test/system/support/samples.ts";
import { sha256Hex } from "../hash.ts";
import { openTicket, sealTicket, type Ticket } from "../token.ts";
import { permute } from "./permutation.ts";
import {
  bringValue,
  closeDue,
  drawnNumber,
  hasClosed,
  indexOf,
  missingValue,
  newShuffle,
  numberedOf,
  publicShuffle,
  reveal,
  ROUND_MS,
  ROUNDS_MAX,
  ticketByDraw,
  type SecretShuffle,
} from "./shuffle.ts";

const SECRET = "a secret";
const OPEN = { mode: "open", startsAtMs: NOON_MS } as const;

function earlyTicket(earlyIndex: number): Ticket {
  return { saleId: "drop", lane: 0, number: null, arrivedAtMs: NOON_MS, binding: "b", earlyIndex };
}

function shuffleOf(queueingMethod: "fifo" | "random", secret = SECRET): SecretShuffle {
  const shuffle = newShuffle({ queueingMethod, shuffleAtStart: true }, secret);
  if (!shuffle) throw new Error("It draws places.");
  return shuffle;
}

/** A shuffle drawn once for each count, round after round. */
function drawn(method: "fifo" | "random", counts: number[], secret = SECRET): SecretShuffle {
  let [shuffle, joined] = [shuffleOf(method, secret), 0];
  for (const [round, count] of counts.entries()) {
    joined += count;
    shuffle = drawDue(shuffle, joined, NOON_MS + round * ROUND_MS);
  }
  return shuffle;
}

/** Closes the draw that is due and tells its seed. */
function drawDue(shuffle: SecretShuffle, joined: number, nowMs: number): SecretShuffle {
  return reveal(closeDue(shuffle, OPEN, joined, nowMs));
}

const BEACON = { source: "drand", round: "4711" };

/** A shuffle that waits for a public value after its first draw has closed. */
function waiting(method: "fifo" | "random", joined: number, secret = SECRET): SecretShuffle {
  const settings = { queueingMethod: method, shuffleAtStart: true, publicRandomness: BEACON };
  const shuffle = newShuffle(settings, secret);
  if (!shuffle) throw new Error("It draws places.");
  return closeDue(shuffle, OPEN, joined, NOON_MS);
}

/** The same when the value is there. */
function brought(shuffle: SecretShuffle, value: string): SecretShuffle {
  const after = bringValue(shuffle, value);
  if ("code" in after) throw new Error(after.detail);
  return after;
}

describe("a shuffle", () => {
  it.each([
    ["fifo", false, null],
    ["fifo", true, 1],
    ["passthrough", false, null],
    ["random", false, ROUNDS_MAX],
    ["random", true, ROUNDS_MAX],
  ] as const)(
    "of a %s sale, shuffled at its start: %s, draws %s times",
    (method, atStart, draws) => {
      const shuffle = newShuffle({ queueingMethod: method, shuffleAtStart: atStart }, SECRET);
      expect(shuffle?.drawsMax ?? null).toBe(draws);
    },
  );

  it("shows the seed's hash before the start, and the seed after it", () => {
    const before = publicShuffle(shuffleOf("fifo"));
    expect(before).toEqual({
      seedHash: sha256Hex(SECRET),
      seed: null,
      ends: [],
      closed: null,
      drawsMax: 1,
      nextDrawAtMs: null,
      publicRandomness: null,
    });
    const closed = closeDue(shuffleOf("fifo"), OPEN, 3, NOON_MS);
    expect(publicShuffle({ ...closed, drawnIndex: 7 })).toEqual({ ...before, closed: 3 });
    expect(publicShuffle(reveal(closed))).toEqual({ ...before, seed: SECRET, ends: [3] });
  });

  it.each([
    ["before the start", { startsAtMs: NOON_MS + 1 }, 0],
    ["of a draft", { mode: "draft" as const }, 0],
    ["at the start", {}, 1],
  ])("draws %s", (_, control, draws) => {
    const shuffle = closeDue(shuffleOf("random"), { ...OPEN, ...control }, 5, NOON_MS);
    expect(reveal(shuffle).ends).toHaveLength(draws);
    expect([hasClosed(shuffle), hasClosed(reveal(shuffle))]).toEqual([draws > 0, draws > 0]);
  });

  it("draws once a round, and at the next event where the clock was late", () => {
    const started = drawn("random", [2]);
    expect(started.nextDrawAtMs).toBe(NOON_MS + ROUND_MS);
    expect(drawDue(started, 9, NOON_MS + ROUND_MS - 1)).toBe(started);
    const late = drawDue(started, 9, NOON_MS + 3.5 * ROUND_MS);
    expect([late.ends, late.nextDrawAtMs]).toEqual([[2, 9], NOON_MS + 4 * ROUND_MS]);
    const idle = drawDue(late, 9, NOON_MS + 4 * ROUND_MS);
    expect([idle.ends, idle.nextDrawAtMs]).toEqual([[2, 9], NOON_MS + 5 * ROUND_MS]);
  });

  it("ends: who comes after the last round is in order of arrival", () => {
    let shuffle: SecretShuffle = { ...drawn("random", [1]), ends: Array(ROUNDS_MAX - 1).fill(1) };
    shuffle = drawDue(shuffle, 4, NOON_MS + ROUND_MS);
    expect([shuffle.ends.length, shuffle.nextDrawAtMs]).toEqual([ROUNDS_MAX, null]);
    expect(shuffle.seed).toBe(SECRET);
    expect([5, 6].map((index) => drawnNumber(index, shuffle))).toEqual([5, 6]);
  });

  it("gives each of a draw one of its numbers, the same after later draws, and none to the others", () => {
    const anyCounts = array(integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });
    assert(
      property(string(), anyCounts, (secret, counts) => {
        const shuffle = drawn("random", counts, secret);
        let before = 0;
        for (const [round, count] of counts.entries()) {
          const indexes = Array.from({ length: count }, (_, at) => before + at + 1);
          const asDrawn = drawn("random", counts.slice(0, round + 1), secret);
          const numbers = indexes.map((index) => drawnNumber(index, shuffle) ?? 0);
          expect(numbers.toSorted((a, b) => a - b)).toEqual(indexes);
          expect(indexes.map((index) => drawnNumber(index, asDrawn))).toEqual(numbers);
          before += count;
        }
        expect(drawnNumber(before + 1, shuffle)).toBeNull();
        expect([numberedOf(before + 7, shuffle), numberedOf(before + 7, null)]).toEqual([
          before,
          before + 7,
        ]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("a draw that has closed", () => {
  it("numbers nobody, and lets no other draw close, before its seed is told", () => {
    const closed = closeDue(shuffleOf("random"), OPEN, 3, NOON_MS);
    expect([1, 3, 4].map((index) => drawnNumber(index, closed))).toEqual([null, null, null]);
    expect(numberedOf(9, closed)).toBe(0);
    expect(closeDue(closed, OPEN, 9, NOON_MS + 2 * ROUND_MS)).toBe(closed);
    expect(reveal(closed).ends).toEqual([3]);
    expect(reveal(reveal(closed)).ends).toEqual([3]);
  });

  it("waits for the public value that the sale has named", () => {
    const shuffle = waiting("fifo", 3);
    expect(missingValue(shuffle)).toEqual(BEACON);
    expect(reveal(shuffle)).toBe(shuffle);
    const after = brought(shuffle, "cafe");
    expect(missingValue(after)).toBeNull();
    expect(publicShuffle(after)).toMatchObject({ seed: null, ends: [], closed: 3 });
    expect(publicShuffle(reveal(after))).toMatchObject({
      seed: SECRET,
      ends: [3],
      publicRandomness: { ...BEACON, value: "cafe" },
    });
    expect([null, shuffleOf("fifo"), drawn("fifo", [3])].map(missingValue)).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("is put in order by seed and value, in every round", () => {
    const anyCounts = array(integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
    assert(
      property(string(), string({ minLength: 1 }), anyCounts, (secret, value, counts) => {
        const [first = 0, ...later] = counts;
        let shuffle = reveal(brought(waiting("random", first, secret), value));
        let joined = first;
        for (const [round, count] of later.entries()) {
          joined += count;
          shuffle = drawDue(shuffle, joined, NOON_MS + (round + 1) * ROUND_MS);
        }
        expect(shuffle.ends).toHaveLength(counts.length);
        // From the last seed back, as the decision tells it.
        let seed = shuffle.seed ?? "";
        for (let draw = counts.length; draw > 0; draw--) {
          const before = shuffle.ends[draw - 2] ?? 0;
          const count = (shuffle.ends[draw - 1] ?? 0) - before;
          for (let index = 1; index <= count; index++)
            expect(drawnNumber(before + index, shuffle)).toBe(
              before + permute(sha256Hex(`${seed}/${value}`), index, count),
            );
          seed = sha256Hex(seed);
        }
        expect(seed).toBe(shuffle.seedHash);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["where no places are drawn", null, "order_state_conflict"],
    ["where none was named", drawn("fifo", [3]), "order_state_conflict"],
    [
      "before the draw has closed",
      newShuffle(
        { queueingMethod: "random", shuffleAtStart: false, publicRandomness: BEACON },
        "s",
      ),
      "sale_not_started",
    ],
    ["after another one", brought(waiting("fifo", 3), "other"), "order_state_conflict"],
    [
      "after the reveal of another",
      reveal(brought(waiting("fifo", 3), "other")),
      "order_state_conflict",
    ],
  ])("takes no value %s", (_, shuffle, code) => {
    expect(bringValue(shuffle, "cafe")).toMatchObject({ ok: false, code });
  });

  it("takes the same value again, and changes nothing", () => {
    for (const shuffle of [waiting("fifo", 3), waiting("random", 0)]) {
      const after = brought(shuffle, "cafe");
      expect(bringValue(after, "cafe")).toBe(after);
      expect(bringValue(reveal(after), "cafe")).toEqual(reveal(after));
    }
  });
});

describe("a ticket of early entry", () => {
  const before = publicShuffle(shuffleOf("fifo"));
  const after = publicShuffle(drawn("fifo", [10]));

  it("waits for the draw, gets its number by it, and keeps that", () => {
    const ticket = earlyTicket(3);
    expect(ticketByDraw(ticket, null)).toBe(ticket);
    expect(ticketByDraw(ticket, before)).toBe(ticket);
    const numbered = ticketByDraw(ticket, after);
    expect(numbered).toEqual({ ...ticket, number: drawnNumber(3, after) });
    expect(ticketByDraw(numbered, after)).toBe(numbered);
    expect([indexOf(ticket), indexOf(numbered)]).toEqual([3, 3]);
  });

  it("that came behind the start turns out to be a number", () => {
    const ticket = ticketByDraw(earlyTicket(11), after);
    expect(ticket).toMatchObject({ number: 11 });
    expect(ticket).not.toHaveProperty("earlyIndex");
    expect(indexOf(ticket)).toBe(11);
  });

  it("that came behind a round waits for the next one", () => {
    const ticket = earlyTicket(11);
    expect(ticketByDraw(ticket, drawn("random", [10]))).toBe(ticket);
    expect(ticketByDraw(ticket, drawn("random", [10, 1]))).toMatchObject({ number: 11 });
  });

  it("opens as it was sealed, with its number and without", () => {
    const keys = keyring("k1");
    for (const ticket of [earlyTicket(3), ticketByDraw(earlyTicket(3), after)])
      expect(openTicket(keys, sealTicket(keys, ticket))).toEqual(ticket);
  });

  it("has to have one or the other", () => {
    const { earlyIndex: _index, ...neither } = earlyTicket(3);
    expect(() => indexOf(neither)).toThrow("Invariant broken");
  });
});
