import type { LiveControls, PublicRandomness, QueueSettings } from "../queue/settings.ts";

/*
 * The entries of a sale's public log. What is hashed is the UTF-8 text of one JSON object; readers parse
 * that text and never write it anew, so that nobody has to agree on how JSON is written. The fields of
 * every kind are told in docs/fairness.md; a kind gets fields, and the log kinds, by addition alone.
 */

/** What was settled about a sale before anybody came. */
export interface LogTerms extends Omit<QueueSettings, "lanes" | "publicRandomness"> {
  mode: string;
  startsAtMs: number;
  endsAtMs: number;
  /** SHA-256 of the first draw's seed; `null` where no places are drawn. */
  seedHash: string | null;
  /** Draws there will ever be; 0 where no places are drawn. */
  drawsMax: number;
  /** The value that nobody knows yet and that is mixed into every draw's seed; `null`: none. */
  publicRandomness: PublicRandomness | null;
}

/** How a number came to the end of its turn. */
export type TurnEnd = "finished" | "left" | "expired" | "lapsed" | "revoked";

/** How the line is led, of what decides who is let in. */
export type LogControls = Pick<
  LiveControls,
  | "newUsersPerMinute"
  | "totalActiveUsers"
  | "sessionDurationSeconds"
  | "disableSessionRenewal"
  | "queueAll"
  | "suspended"
  | "draining"
>;

/** What an entry tells, besides the sale and when it was written. */
export type LogEvent =
  /** The first entry: the sale's terms. */
  | { kind: "opened"; terms: LogTerms }
  /**
   * Somebody joined. Where places are drawn they have an index, elsewhere a number: the next one in either
   * case. `binding` is the hash of the ticket's binding (`logBinding`).
   */
  | {
      kind: "joined";
      index?: number;
      number?: number;
      /** When the gateway received it. */
      arrivedAtMs: number;
      /** What it was put in order by: the arrival, within the reorder window; it never goes back. */
      stampMs: number;
      binding: string;
    }
  /** The sale's control was changed by a person. */
  | { kind: "controlled"; mode: string; startsAtMs: number; endsAtMs: number }
  /** It started, or ended: by the clock, or by a person. */
  | { kind: "turned"; turn: "started" | "ended" }
  /** The line is led by these from now on. */
  | { kind: "led"; controls: LogControls }
  /** A draw takes in everyone up to this index: who joined since the draw before it. Its seed is still secret. */
  | { kind: "drawn"; draw: number; joined: number }
  /** The public value that was promised, as an operator brought it. */
  | { kind: "randomness"; source: string; round: string; value: string }
  /** The seed of a draw. A checkpoint that covers its `drawn` was signed before. */
  | { kind: "revealed"; draw: number; seed: string }
  /** The cursor moved: these numbers may ask. */
  | { kind: "invited"; first: number; through: number }
  /** Somebody who was invited asked, and was not let in at once. */
  | { kind: "asked"; number: number }
  /** Somebody was let in; `renewed`: may stay for longer. */
  | { kind: "granted" | "renewed"; number: number; expiresAtMs: number }
  /** Of those invited together whoever had not asked lost the turn. */
  | { kind: "lapsed"; first: number; through: number }
  /** One number's turn is over. Who left before a draw is told by number after it. */
  | { kind: "over"; number: number; how: TurnEnd }
  /** What somebody who had just been numbered was shown: a sample. */
  | { kind: "estimated"; number: number; minSeconds: number; maxSeconds: number };

/** An entry: what happened, in which sale, and when it was written. `atMs` never goes back. */
export type LogEntry = { sale: string; atMs: number } & LogEvent;

/** The text of an entry, as it is hashed and published. */
export function entryText(sale: string, atMs: number, event: LogEvent): string {
  return JSON.stringify(Object.assign({ sale, kind: event.kind, atMs }, event));
}

/** Reads the text of an entry that this product wrote. */
export function readEntry(text: string): LogEntry {
  return JSON.parse(text) as LogEntry;
}
