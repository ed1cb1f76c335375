import type { LogEntry } from "../../log/leaf.ts";

/*
 * The figures of a report as their definitions say them: every number is looked at by itself, over all
 * entries and for every moment anew, and every pair of values is compared. Slow, and nothing is shared with
 * what is tested.
 */

/** What became of one number. */
interface Turn {
  came: boolean;
  asking: boolean;
  grantedAtMs: number | null;
  expiresAtMs: number;
  lapsed: boolean;
  ended: boolean;
  left: boolean;
  /** Grants that should not have been. */
  wrongGrants: number;
}

export function turnOf(entries: readonly LogEntry[], number: number): Turn {
  const turn: Turn = {
    came: false,
    asking: false,
    grantedAtMs: null,
    expiresAtMs: 0,
    lapsed: false,
    ended: false,
    left: false,
    wrongGrants: 0,
  };
  for (const entry of entries) {
    const isOut = turn.lapsed || turn.ended;
    if (entry.kind === "lapsed" && entry.first <= number && number <= entry.through) {
      if (!turn.came && !isOut) turn.lapsed = true;
    }
    if (!("number" in entry) || entry.number !== number) continue;
    if (entry.kind === "asked" && !isOut) {
      turn.came = true;
      turn.asking = turn.grantedAtMs === null;
    }
    if (entry.kind === "granted") {
      if (isOut || turn.grantedAtMs !== null) turn.wrongGrants += 1;
      else {
        const { atMs: grantedAtMs, expiresAtMs } = entry;
        Object.assign(turn, { came: true, asking: false, grantedAtMs, expiresAtMs });
      }
    }
    if (entry.kind === "over" && !turn.ended) {
      if (turn.grantedAtMs === null && entry.how === "lapsed") {
        turn.came = false;
        turn.lapsed = true;
      } else if (!turn.came && !turn.lapsed) turn.left = true;
      turn.asking = false;
      turn.ended = true;
    }
  }
  return turn;
}

/** Every number that a log names. */
export function numbersOf(entries: readonly LogEntry[]): number[] {
  const named = entries.flatMap((entry) => {
    if (entry.kind === "lapsed")
      return Array.from({ length: entry.through }, (_, offset) => offset + 1);
    return "number" in entry && entry.number !== undefined ? [entry.number] : [];
  });
  return [...new Set(named)].filter((number) => number > 0);
}

/** When everyone came, by number: what is not the next one is left out, or leaves a hole. */
export function arrivalsOf(entries: readonly LogEntry[]): number[] {
  const atMs: number[] = [];
  for (const entry of entries) {
    if (entry.kind !== "joined" || (entry.number ?? 0) <= atMs.length) continue;
    while (atMs.length < (entry.number ?? 0) - 1) atMs.push(0);
    atMs.push(entry.arrivedAtMs);
  }
  return atMs;
}

/** Who was let in, rightly, in order. */
export function grantsOf(entries: readonly LogEntry[]): { at: number; number: number }[] {
  return entries.flatMap((entry, at) => {
    if (entry.kind !== "granted") return [];
    const { grantedAtMs, lapsed, ended } = turnOf(entries.slice(0, at), entry.number);
    return grantedAtMs !== null || lapsed || ended ? [] : [{ at, number: entry.number }];
  });
}

export function tauOf(values: readonly number[]): {
  pairs: number;
  discordant: number;
  tau: number;
} {
  let [pairs, discordant] = [0, 0];
  for (const [index, a] of values.entries())
    for (const b of values.slice(index + 1)) {
      if (a !== b) pairs += 1;
      if (a > b) discordant += 1;
    }
  return { pairs, discordant, tau: pairs === 0 ? 0 : discordant / pairs };
}

export function overtakenIn(entries: readonly LogEntry[]): number {
  let pairs = 0;
  for (const { at, number } of grantsOf(entries))
    for (let ahead = 1; ahead < number; ahead++)
      if (turnOf(entries.slice(0, at), ahead).asking) pairs += 1;
  return pairs;
}

/** At every admission: how many are inside then, how many came within 60 s, and what is set. */
export function admissionsOf(entries: readonly LogEntry[]) {
  const grants = grantsOf(entries);
  return grants.map(({ at }) => {
    const until = entries.slice(0, at + 1);
    const nowMs = entries[at]?.atMs ?? 0;
    const turns = grants.filter((one) => one.at <= at).map(({ number }) => turnOf(until, number));
    return {
      inside: turns.filter(({ ended }) => !ended).length,
      within: turns.filter(({ grantedAtMs }) => nowMs - (grantedAtMs ?? 0) < 60_000).length,
      led: until.findLast((entry) => entry.kind === "led")?.controls ?? null,
    };
  });
}

/** The greatest count beyond its bound (or nearest to it), over all moments that had one. */
export function boundOf(moments: readonly { count: number; setting: number | null }[]) {
  const bounded = moments.flatMap(({ count, setting }) =>
    setting === null ? [] : [{ peak: count, setting }],
  );
  if (bounded.length === 0)
    return { peak: Math.max(0, ...moments.map(({ count }) => count)), setting: null, overshoot: 0 };
  const most = Math.max(...bounded.map(({ peak, setting }) => peak - setting));
  const first = bounded.find(({ peak, setting }) => peak - setting === most);
  return { ...first, overshoot: Math.max(0, most) };
}

/** Of the first k who were let in, those before whom fewer than k came (in the same millisecond by number). */
export function firstShareOf(arrived: readonly number[], admitted: readonly number[], k: number) {
  const isBefore = (a: number, b: number): boolean => {
    const [first = 0, second = 0] = [arrived[a], arrived[b]];
    return first < second || (first === second && a < b);
  };
  const early = admitted
    .slice(0, k)
    .filter((one) => arrived.filter((_, other) => isBefore(other, one)).length < k);
  return early.length / k;
}
