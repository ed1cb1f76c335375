import { assert } from "../assert.ts";
import { sha256Hex } from "../hash.ts";
import { refuse, type Refusal } from "../problem.ts";
import type { SaleControl } from "../purchase/sale.ts";
import type { Ticket } from "../token.ts";
import { permute } from "./permutation.ts";
import type { PublicRandomness, QueueSettings } from "./settings.ts";

/*
 * A sale that draws places counts its joins like any other: the count is an index. A draw puts those
 * who joined since the draw before it in the order of its seed, behind all who were drawn earlier.
 * With `shuffleAtStart` there is one draw, at the start, and who joins after it has the index for a
 * number. With the method `random` there is one more every half minute in which somebody joins.
 *
 * The seeds are a hash chain (Lamport, "Password Authentication with Insecure Communication", 1981):
 * each is the SHA-256 of the one after it. One hash, told before anybody enters, binds all of them, and
 * the newest seed tells every earlier one, so that a board need not carry a list.
 *
 * A draw has two steps: it closes, which settles who is in it, and then its seed is told, which settles
 * their order. A sale that has named a public value tells no seed before that value is there, and every
 * draw's order follows from both: whoever chose the seed did not know the value.
 */

/** A round of the method `random`: short against the wait, long enough that a second decides nothing. */
export const ROUND_MS = 30_000;
/** Eight hours of rounds without a pause; who joins after that is served in order of arrival. */
export const ROUNDS_MAX = 960;

/** What everyone may know of a sale that draws places. */
export interface Shuffle {
  /** SHA-256 of the first draw's seed, as 64 lower-case hex digits; it stands from the beginning. */
  seedHash: string;
  /** The newest seed that is told; the one before it is its SHA-256. `null` before the first. */
  seed: string | null;
  /** How many had joined at each draw whose seed is told. */
  ends: readonly number[];
  /** How many had joined at the draw that has closed and whose seed is not told; `null`: there is none. */
  closed?: number | null;
  /** Draws there will ever be; who joins after the last one has the index for a number. */
  drawsMax: number;
  /** When the next draw is due; `null` before the start, and when there will be none. */
  nextDrawAtMs: number | null;
  /** The public value that is mixed into every draw; its `value` is `null` until somebody has brought it. */
  publicRandomness?: PublicValue | null;
}

/** A public random value: where it comes from, and what it is. */
export interface PublicValue extends PublicRandomness {
  value: string | null;
}

/** What the sale's writer keeps: the same, and what is not told. */
export interface SecretShuffle extends Shuffle {
  /** The last seed of the chain. */
  secret: string;
  /** Where the draw that has closed stands in the sale's log; `null` without a log. */
  drawnIndex?: number | null;
}

/**
 * The shuffle of a sale with these settings, which has drawn nobody yet; `null` when it draws no places.
 * `secret` has to be as random as a key.
 */
export function newShuffle(
  settings: Pick<QueueSettings, "queueingMethod" | "shuffleAtStart" | "publicRandomness">,
  secret: string,
): SecretShuffle | null {
  if (!drawsPlaces(settings)) return null;
  const drawsMax = settings.queueingMethod === "random" ? ROUNDS_MAX : 1;
  const { publicRandomness: named = null } = settings;
  return {
    secret,
    seedHash: hashTimes(secret, drawsMax),
    seed: null,
    ends: [],
    closed: null,
    drawsMax,
    nextDrawAtMs: null,
    publicRandomness: named && { ...named, value: null },
  };
}

/** Whether a sale with these settings draws places. */
export function drawsPlaces({
  queueingMethod,
  shuffleAtStart,
}: Pick<QueueSettings, "queueingMethod" | "shuffleAtStart">): boolean {
  return queueingMethod === "random" || shuffleAtStart;
}

/** The part of a shuffle that may be told now. */
export function publicShuffle({
  secret: _secret,
  drawnIndex: _drawnIndex,
  ...shuffle
}: SecretShuffle): Shuffle {
  return shuffle;
}

/**
 * Closes the draw that is due: at the start the one of those who came early, then at the end of every round
 * of those who came in it. The same shuffle when nothing is due, or while the seed of the draw before is not
 * told. `joined` have joined so far.
 */
export function closeDue(
  shuffle: SecretShuffle,
  { mode, startsAtMs }: Pick<SaleControl, "mode" | "startsAtMs">,
  joined: number,
  nowMs: number,
): SecretShuffle {
  const { ends, drawsMax, nextDrawAtMs } = shuffle;
  const isFirst = ends.length === 0;
  const isDue = isFirst
    ? mode !== "draft" && nowMs >= startsAtMs
    : nextDrawAtMs !== null && nowMs >= nextDrawAtMs;
  if (!isDue || closedOf(shuffle) !== null) return shuffle;
  const isWorthIt = isFirst || joined > drawnThrough(shuffle);
  const draws = ends.length + (isWorthIt ? 1 : 0);
  const roundsGone = Math.max(0, Math.floor((nowMs - startsAtMs) / ROUND_MS));
  return {
    ...shuffle,
    closed: isWorthIt ? joined : null,
    nextDrawAtMs: draws < drawsMax ? startsAtMs + (roundsGone + 1) * ROUND_MS : null,
  };
}

/** Tells the seed of the draw that has closed. The same shuffle where there is none, or its value is missing. */
export function reveal(shuffle: SecretShuffle): SecretShuffle {
  const closed = closedOf(shuffle);
  if (closed === null || missingValue(shuffle)) return shuffle;
  const ends = [...shuffle.ends, closed];
  const seed = hashTimes(shuffle.secret, shuffle.drawsMax - ends.length);
  return { ...shuffle, ends, seed, closed: null, drawnIndex: null };
}

/** The public value that a draw which has closed waits for; `null`: none does. */
export function missingValue(shuffle: Shuffle | null): PublicRandomness | null {
  if (!shuffle || closedOf(shuffle) === null || !shuffle.publicRandomness) return null;
  const { source, round, value } = shuffle.publicRandomness;
  return value === null ? { source, round } : null;
}

/** Whether who takes part in the first draw is settled. */
export function hasClosed(shuffle: Shuffle | null): boolean {
  return shuffle !== null && (shuffle.ends.length > 0 || closedOf(shuffle) !== null);
}

/**
 * The shuffle with the public value that it has named; the same one on a repeat. A value that came before the
 * first draw has closed could be known to who joins after it.
 */
export function bringValue(shuffle: SecretShuffle | null, value: string): SecretShuffle | Refusal {
  const named = shuffle?.publicRandomness;
  if (!shuffle || !named)
    return refuse("order_state_conflict", { detail: "This sale has named no public value." });
  if (named.value === value) return shuffle;
  if (named.value !== null)
    return refuse("order_state_conflict", { detail: "Another value was brought already." });
  if (!hasClosed(shuffle))
    return refuse("sale_not_started", {
      detail: "The value can be brought once the sale has started: nobody joins the draw then.",
    });
  return { ...shuffle, publicRandomness: { ...named, value } };
}

/** How many of those who joined have a number: they are 1 to this. */
export function numberedOf(joined: number, shuffle: Shuffle | null): number {
  return shuffle === null || isOver(shuffle) ? joined : drawnThrough(shuffle);
}

/** Why nobody has this number: before a draw an index says nothing about one. `null`: somebody has it. */
export function notNumbered(
  number: number,
  joined: number,
  shuffle: Shuffle | null,
): Refusal | null {
  if (shuffle?.seed === null)
    return refuse("sale_not_started", { detail: "Nobody has a number: no place is drawn yet." });
  return number > numberedOf(joined, shuffle) ? refuse("not_found") : null;
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
  return before + permute(mixed(seedOfDraw, shuffle), index - before, count);
}

/** What puts a draw in order: its seed, with the public value where the sale has named one. */
function mixed(seed: string, { publicRandomness }: Shuffle): string {
  if (!publicRandomness) return seed;
  assert(publicRandomness.value !== null, "no seed is told before the value is there");
  return sha256Hex(`${seed}/${publicRandomness.value}`);
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
  if (ticket.earlyIndex === undefined || ticket.number !== null || shuffle === null) return ticket;
  const { earlyIndex, ...place } = ticket;
  const number = drawnNumber(earlyIndex, shuffle);
  if (number === null) return ticket;
  return earlyIndex > drawnThrough(shuffle) ? { ...place, number } : { ...ticket, number };
}

function drawnThrough({ ends }: Shuffle): number {
  return ends.at(-1) ?? 0;
}

function closedOf({ closed = null }: Shuffle): number | null {
  return closed;
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
