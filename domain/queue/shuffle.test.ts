import { assert, integer, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { keyring, NOON_MS } from "../../test/system/support/samples.ts";
import { sha256Hex } from "../hash.ts";
import { openTicket, sealTicket, type Ticket } from "../token.ts";
import { drawnNumber, indexOf, publicShuffle, ticketByDraw } from "./shuffle.ts";

const SEED = "a seed";

function earlyTicket(earlyIndex: number): Ticket {
  return { saleId: "drop", lane: 0, number: null, arrivedAtMs: NOON_MS, binding: "b", earlyIndex };
}

describe("a shuffle", () => {
  it("shows the seed's hash before the start, and the seed after it", () => {
    const seedHash = sha256Hex(SEED);
    expect(publicShuffle({ seed: SEED, count: null })).toEqual({ seedHash, draw: null });
    const draw = { seed: SEED, count: 0 };
    expect(publicShuffle({ seed: SEED, count: 0 })).toEqual({ seedHash, draw });
  });

  it("gives early entrants the numbers up to their count, and leaves the others in order", () => {
    const anyCount = integer({ min: 0, max: 40 });
    assert(
      property(string(), anyCount, integer({ min: 0, max: 10 }), (seed, count, late) => {
        const numbers = Array.from({ length: count + late }, (_, at) =>
          drawnNumber(at + 1, { seed, count }),
        );
        const early = numbers.slice(0, count).toSorted((a, b) => a - b);
        const all = Array.from({ length: count + late }, (_, at) => at + 1);
        expect([...early, ...numbers.slice(count)]).toEqual(all);
      }),
      { numRuns: 30 },
    );
  });
});

describe("a ticket of early entry", () => {
  const { draw: _draw, ...promise } = publicShuffle({ seed: SEED, count: null });
  const drawn = { ...promise, draw: { seed: SEED, count: 10 } };

  it("waits for the draw, gets its number by it, and keeps that", () => {
    const ticket = earlyTicket(3);
    expect(ticketByDraw(ticket, null)).toBe(ticket);
    expect(ticketByDraw(ticket, { ...promise, draw: null })).toBe(ticket);
    const numbered = ticketByDraw(ticket, drawn);
    expect(numbered).toEqual({ ...ticket, number: drawnNumber(3, drawn.draw) });
    expect(ticketByDraw(numbered, drawn)).toBe(numbered);
    expect([indexOf(ticket), indexOf(numbered)]).toEqual([3, 3]);
  });

  it("that came behind the start turns out to be a number", () => {
    const ticket = ticketByDraw(earlyTicket(11), drawn);
    expect(ticket).toMatchObject({ number: 11 });
    expect(ticket).not.toHaveProperty("earlyIndex");
    expect(indexOf(ticket)).toBe(11);
  });

  it("opens as it was sealed, with its number and without", () => {
    const keys = keyring("k1");
    for (const ticket of [earlyTicket(3), ticketByDraw(earlyTicket(3), drawn)])
      expect(openTicket(keys, sealTicket(keys, ticket))).toEqual(ticket);
  });

  it("has to have one or the other", () => {
    const { earlyIndex: _index, ...neither } = earlyTicket(3);
    expect(() => indexOf(neither)).toThrow("Invariant broken");
  });
});
