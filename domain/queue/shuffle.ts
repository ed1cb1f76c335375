import { assert } from "../assert.ts";
import { sha256Hex } from "../hash.ts";
import type { Ticket } from "../token.ts";
import { permute } from "./permutation.ts";

/*
 * A sale that is shuffled at its start counts its joins like any other. Who joins before the start
 * gets the count as an early index; when the sale starts, the count so far and the seed settle
 * everybody's number, and who joins after it goes on counting behind them.
 */

/** What the start drew: `count` early entrants were put in the order of the seed. */
export interface Draw {
  seed: string;
  count: number;
}

/** What everyone may know of a shuffled sale. The hash stands from the beginning: the seed is no later choice. */
export interface Shuffle {
  /** SHA-256 of the seed's UTF-8 text, as 64 lower-case hex digits. */
  seedHash: string;
  /** `null` before the start. */
  draw: Draw | null;
}

/** What the sale's writer keeps: the seed, and the early entrants once they are drawn. */
export interface SecretShuffle {
  seed: string;
  count: number | null;
}

/** The part of a shuffle that may be told now; the seed only after the start. */
export function publicShuffle({ seed, count }: SecretShuffle): Shuffle {
  return { seedHash: sha256Hex(seed), draw: count === null ? null : { seed, count } };
}

/** The number of the `index`-th who joined: early entrants are permuted, the others stay in order. */
export function drawnNumber(index: number, { seed, count }: Draw): number {
  return index > count ? index : permute(seed, index, count);
}

/** Who this is for lane and sequencer: the early index, or the number of who has none. */
export function indexOf({ earlyIndex, number }: Ticket): number {
  const index = earlyIndex ?? number;
  assert(index !== null, "a ticket has a number or an early index");
  return index;
}

/**
 * The ticket with its number, once there is one to know; the same ticket while there is nothing new.
 * Who joined behind the start before their edge knew of it turns out to be no early entrant.
 */
export function ticketByDraw(ticket: Ticket, shuffle: Shuffle | null): Ticket {
  const { earlyIndex, ...place } = ticket;
  const draw = shuffle?.draw ?? null;
  if (earlyIndex === undefined || ticket.number !== null || draw === null) return ticket;
  const number = drawnNumber(earlyIndex, draw);
  return earlyIndex > draw.count ? { ...place, number } : { ...ticket, number };
}
