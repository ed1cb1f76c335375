import { assert } from "../assert.ts";
import { sha256Hex } from "../hash.ts";
import type { SaleControl } from "../purchase/sale.ts";
import type { Ticket } from "../token.ts";
import { permute } from "./permutation.ts";
import type { QueueSettings } from "./settings.ts";

/*
 * A sale that draws places counts its joins like any other: the count is an index. A draw puts those
 * who joined since the draw before it in the order of its seed, behind all who were drawn earlier.
 * With `shuffleAtStart` there is one draw, at the start, and who joins after it has the index for a
 * number. With the method `random` there is one more every half minute in which somebody joins.
 *
 * The seeds are a hash chain (Lamport, "Password Authentication with Insecure Communication", 1981):
 * each is the SHA-256 of the one after it. One hash, told before anybody enters, binds all of them, and
 * the newest seed tells every earlier one, so that a board need not carry a list.
 */

/** A round of the method `random`: short against the wait, long enough that a second decides nothing. */
export const ROUND_MS = 30_000;
/** Eight hours of rounds without a pause; who joins after that is served in order of arrival. */
export const ROUNDS_MAX = 960;

/** What everyone may know of a sale that draws places. */
export interface Shuffle {
  /** SHA-256 of the first draw's seed, as 64 lower-case hex digits; it stands from the beginning. */
  seedHash: string;
  /** The newest draw's seed; the one before it is its SHA-256. `null` before the first draw. */
  seed: string | null;
  /** How many had joined at each draw so far. */
  ends: readonly number[];
  /** Draws there will ever be; who joins after the last one has the index for a number. */
  drawsMax: number;
  /** When the next draw is due; `null` before the start, and when there will be none. */
  nextDrawAtMs: number | null;
}

/** What the sale's writer keeps: the same, and the last seed of the chain. */
export interface SecretShuffle extends Shuffle {
  secret: string;
}

/**
 * The shuffle of a sale with these settings, which has drawn nobody yet; `null` when it draws no places.
 * `secret` has to be as random as a key.
 */
export function newShuffle(
  { queueingMethod, shuffleAtStart }: Pick<QueueSettings, "queueingMethod" | "shuffleAtStart">,
  secret: string,
): SecretShuffle | null {
  const isRandom = queueingMethod === "random";
  if (!isRandom && !shuffleAtStart) return null;
  const drawsMax = isRandom ? ROUNDS_MAX : 1;
  const seedHash = hashTimes(secret, drawsMax);
  return { secret, seedHash, seed: null, ends: [], drawsMax, nextDrawAtMs: null };
}

/** The part of a shuffle that may be told now. */
export function publicShuffle({ secret: _secret, ...shuffle }: SecretShuffle): Shuffle {
  return shuffle;
}

/**
 * Draws what is due: at the start those who came early, then at the end of every round those who came
 * in it. The same shuffle when nothing is due. `joined` have joined so far.
 */
export function drawDue(
  shuffle: SecretShuffle,
  { mode, startsAtMs }: Pick<SaleControl, "mode" | "startsAtMs">,
  joined: number,
  nowMs: number,
): SecretShuffle {
  const { ends, drawsMax, secret, nextDrawAtMs } = shuffle;
  const isFirst = ends.length === 0;
  const isDue = isFirst
    ? mode !== "draft" && nowMs >= startsAtMs
    : nextDrawAtMs !== null && nowMs >= nextDrawAtMs;
  if (!isDue) return shuffle;
  const isWorthIt = isFirst || joined > drawnThrough(shuffle);
  const drawn = isWorthIt ? [...ends, joined] : ends;
  const roundsGone = Math.max(0, Math.floor((nowMs - startsAtMs) / ROUND_MS));
  return {
    ...shuffle,
    ends: drawn,
    seed: hashTimes(secret, drawsMax - drawn.length),
    nextDrawAtMs: drawn.length < drawsMax ? startsAtMs + (roundsGone + 1) * ROUND_MS : null,
  };
}

/** How many of those who joined have a number: they are 1 to this. */
export function numberedOf(joined: number, shuffle: Shuffle | null): number {
  return shuffle === null || isOver(shuffle) ? joined : drawnThrough(shuffle);
}

/** The number of the `index`-th who joined; `null` while it has still to be drawn. */
export function drawnNumber(index: number, shuffle: Shuffle): number | null {
  const { ends, seed } = shuffle;
  const draw = firstAtLeast(ends, index);
  if (draw === ends.length) return isOver(shuffle) ? index : null;
  assert(seed !== null, "who draws shows the seed");
  const before = ends[draw - 1] ?? 0;
  const count = (ends[draw] ?? 0) - before;
  const seedOfDraw = hashTimes(seed, ends.length - 1 - draw);
  return before + permute(seedOfDraw, index - before, count);
}

/** Who this is for lane and sequencer: the index, or the number of who has none. */
export function indexOf({ earlyIndex, number }: Ticket): number {
  const index = earlyIndex ?? number;
  assert(index !== null, "a ticket has a number or an early index");
  return index;
}

/**
 * The ticket with its number, once there is one to know; the same ticket while there is nothing new.
 * Who joined behind the last draw before their edge knew of it turns out to be in order of arrival.
 */
export function ticketByDraw(ticket: Ticket, shuffle: Shuffle | null): Ticket {
  const { earlyIndex, ...place } = ticket;
  if (earlyIndex === undefined || ticket.number !== null || shuffle === null) return ticket;
  const number = drawnNumber(earlyIndex, shuffle);
  if (number === null) return ticket;
  return earlyIndex > drawnThrough(shuffle) ? { ...place, number } : { ...ticket, number };
}

function drawnThrough({ ends }: Shuffle): number {
  return ends.at(-1) ?? 0;
}

function isOver({ ends, drawsMax }: Shuffle): boolean {
  return ends.length >= drawsMax;
}

function hashTimes(text: string, times: number): string {
  let hash = text;
  for (let done = 0; done < times; done++) hash = sha256Hex(hash);
  return hash;
}

/** Where the first of these rising numbers is that is at least `value`; their count when none is. */
function firstAtLeast(rising: readonly number[], value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
