import type { Findings } from "../finding.ts";
import type { Control, Controls, EntryOf, Terms } from "./entry.ts";

/**
 * Clocks are apart, and set back, by less: gateways' from that of the line's writer, and that one from the
 * log's time, which never goes back.
 */
export const CLOCKS_APART_MAX_MS = 5_000;

/** The sale's terms, and how it is led: what is in force when an entry is written. */
export class Leading {
  readonly #findings: Findings;
  terms: Terms | null = null;
  control: Control = { mode: "draft", startsAtMs: 0, endsAtMs: 0 };
  controls: Controls = {
    newUsersPerMinute: 0,
    totalActiveUsers: 0,
    sessionDurationSeconds: 0,
    disableSessionRenewal: false,
    queueAll: false,
    suspended: false,
  };
  /** When it was said to have started, and to have ended; `null` until then. */
  readonly turnedAtMs: { started: number | null; ended: number | null } = {
    started: null,
    ended: null,
  };

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  open({ terms }: EntryOf<"opened">, at: number): void {
    const { mode, startsAtMs, endsAtMs, drawsMax, seedHash } = terms;
    this.terms = terms;
    this.control = { mode, startsAtMs, endsAtMs };
    // Passthrough lets in everyone whom the stock can serve.
    this.controls = {
      ...terms,
      queueAll: false,
      suspended: terms.queueingMethod === "passthrough",
    };
    if (drawsMax > 0 && seedHash === null)
      this.#findings.add("draws", at, "places are to be drawn, and no hash of the seed is told");
  }

  turn({ turn, atMs }: EntryOf<"turned">, at: number): void {
    const { startsAtMs } = this.control;
    if (this.turnedAtMs[turn] !== null)
      this.#findings.add("entries", at, `the sale ${turn} a second time`);
    else if (turn === "started" && atMs < startsAtMs)
      this.#findings.add("entries", at, `the sale started ${startsAtMs - atMs} ms too early`);
    this.turnedAtMs[turn] ??= atMs;
  }

  /** How many may be inside at once, and be let in within 60 seconds. */
  get bounds(): { capacity: number; perMinute: number } {
    const { suspended, totalActiveUsers, newUsersPerMinute } = this.controls;
    return suspended
      ? { capacity: Infinity, perMinute: Infinity }
      : { capacity: totalActiveUsers, perMinute: newUsersPerMinute };
  }

  /** Why nobody may be let in at a time; `null` when people may. */
  closedBecause(nowMs: number): string | null {
    const { mode, startsAtMs, endsAtMs } = this.control;
    if (mode === "draft") return "the sale was a draft";
    if (mode === "ended" || nowMs >= endsAtMs) return "the sale had ended";
    if (nowMs < startsAtMs) return "the sale had not started";
    if (mode === "paused") return "the sale was paused";
    return this.controls.queueAll ? "everybody was to wait (queueAll)" : null;
  }
}
