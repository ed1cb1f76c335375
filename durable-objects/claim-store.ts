import type { OpenInvitations } from "../domain/queue/admission.ts";
import { AGES_MS, ageClass, SILENT_MAX_MS } from "../domain/queue/turnout.ts";

/*
 * Invitations and claims of a sale's line, in the sequencer's tables. An invitation is a row a tick for
 * all that it invites; a claim is a row a number, kept for ever with its times.
 */

/** How a claim came to its end. */
export type ClaimEnd = "finished" | "left" | "expired" | "lapsed" | "revoked";

export interface Claim extends Record<string, SqlStorageValue> {
  number: number;
  asked_at_ms: number;
  claimed_at_ms: number | null;
  expires_at_ms: number | null;
  ended: ClaimEnd | null;
}

export interface Invitation extends Record<string, SqlStorageValue> {
  last_number: number;
  first_number: number;
  at_ms: number;
  answered: number;
  lapsed: number;
}

/** Who is invited, who asks, who is inside, and how each came to an end. */
export class ClaimStore {
  readonly #sql: SqlStorage;

  /** Of tables that are up to date. */
  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Writes that the numbers up to `lastNumber` are invited; those who left already count as answered. */
  writeInvitation(firstNumber: number, lastNumber: number, nowMs: number): number {
    const answered = this.#sql
      .exec<{ count: number }>(
        "SELECT count(*) AS count FROM claim WHERE number BETWEEN ? AND ?",
        firstNumber,
        lastNumber,
      )
      .one().count;
    this.#sql.exec(
      "INSERT INTO invitation (last_number, first_number, at_ms, answered) VALUES (?, ?, ?, ?)",
      lastNumber,
      firstNumber,
      nowMs,
      answered,
    );
    return answered;
  }

  invitationOf(number: number): Invitation | null {
    const rows = this.#sql.exec<Invitation>(
      "SELECT * FROM invitation WHERE last_number >= ? ORDER BY last_number LIMIT 1",
      number,
    );
    return rows.toArray()[0] ?? null;
  }

  countAnswer(invitation: Invitation): void {
    this.#sql.exec(
      "UPDATE invitation SET answered = answered + 1 WHERE last_number = ?",
      invitation.last_number,
    );
  }

  /** Who is invited and has no pass yet: how many ask, and the silent ones by age. */
  openInvitations(nowMs: number): OpenInvitations {
    const { asking } = this.#sql
      .exec<{ asking: number }>(
        "SELECT count(*) AS asking FROM claim WHERE claimed_at_ms IS NULL AND ended IS NULL",
      )
      .one();
    const silent = AGES_MS.map(() => 0);
    for (const { at_ms: atMs, count } of this.#sql.exec<{ at_ms: number; count: number }>(
      `SELECT at_ms, last_number - first_number + 1 - answered AS count FROM invitation
       WHERE lapsed = 0 AND at_ms > ?`,
      nowMs - SILENT_MAX_MS,
    )) {
      const index = ageClass(nowMs - atMs);
      silent[index] = (silent[index] ?? 0) + count;
    }
    return { asking, silent };
  }

  /** Closes invitations older than `beforeMs`; returns them. */
  lapseInvitations(beforeMs: number, limit: number): Invitation[] {
    const rows = this.#sql
      .exec<Invitation>(
        "SELECT * FROM invitation WHERE lapsed = 0 AND at_ms <= ? ORDER BY at_ms LIMIT +?",
        beforeMs,
        limit,
      )
      .toArray();
    for (const { last_number: lastNumber } of rows)
      this.#sql.exec("UPDATE invitation SET lapsed = 1 WHERE last_number = ?", lastNumber);
    return rows;
  }

  /**
   * Gives open invitations and those who ask `byMs` more, once a reopening: a row for each tick that
   * invited somebody within `claimSeconds`, so 360 at most for 90 s, and thousands for hours.
   */
  extendInvitations(byMs: number): void {
    this.#sql.exec("UPDATE invitation SET at_ms = at_ms + ? WHERE lapsed = 0", byMs);
    this.#sql.exec(
      `UPDATE claim SET asked_at_ms = asked_at_ms + ?
       WHERE claimed_at_ms IS NULL AND ended IS NULL`,
      byMs,
    );
  }

  claim(number: number): Claim | null {
    return (
      this.#sql.exec<Claim>("SELECT * FROM claim WHERE number = ?", number).toArray()[0] ?? null
    );
  }

  /** The claims of those of these numbers that have one, by one look. */
  claimsOf(numbers: readonly number[]): Map<number, Claim> {
    const rows = this.#sql.exec<Claim>(
      "SELECT claim.* FROM json_each(?) AS asked CROSS JOIN claim ON claim.number = asked.value",
      JSON.stringify(numbers),
    );
    return new Map(rows.toArray().map((claim) => [claim.number, claim]));
  }

  /** Writes that a shopper asks; a repeat moves the time. */
  writeAsk(number: number, nowMs: number): void {
    this.#sql.exec(
      `INSERT INTO claim (number, asked_at_ms) VALUES (?, ?)
       ON CONFLICT (number) DO UPDATE SET asked_at_ms = excluded.asked_at_ms`,
      number,
      nowMs,
    );
  }

  /** The lowest numbers that ask and have no pass yet. */
  asking(limit: number): number[] {
    return this.#sql
      .exec<{ number: number }>(
        `SELECT number FROM claim WHERE claimed_at_ms IS NULL AND ended IS NULL
         ORDER BY number LIMIT +?`,
        limit,
      )
      .toArray()
      .map((row) => row.number);
  }

  grant(number: number, claimedAtMs: number, expiresAtMs: number): void {
    this.#sql.exec(
      "UPDATE claim SET claimed_at_ms = ?, expires_at_ms = ? WHERE number = ?",
      claimedAtMs,
      expiresAtMs,
      number,
    );
  }

  /** Ends a claim once; `false` when there is none or it has ended. */
  end(number: number, ended: ClaimEnd): boolean {
    const cursor = this.#sql.exec(
      "UPDATE claim SET ended = ? WHERE number = ? AND ended IS NULL",
      ended,
      number,
    );
    return cursor.rowsWritten > 0;
  }

  /** Writes that the place of someone who never asked is given up. */
  writeDeparture(number: number, nowMs: number, ended: ClaimEnd): void {
    this.#sql.exec(
      "INSERT INTO claim (number, asked_at_ms, ended) VALUES (?, ?, ?)",
      number,
      nowMs,
      ended,
    );
  }

  /** Shoppers inside whose pass has expired, and since when they were there. */
  expired(nowMs: number, limit: number): { number: number; claimedAtMs: number }[] {
    return this.#sql
      .exec<{ number: number; claimed_at_ms: number }>(
        `SELECT number, claimed_at_ms FROM claim
         WHERE claimed_at_ms IS NOT NULL AND ended IS NULL AND expires_at_ms <= ?
         ORDER BY expires_at_ms LIMIT +?`,
        nowMs,
        limit,
      )
      .toArray()
      .map((row) => ({ number: row.number, claimedAtMs: row.claimed_at_ms }));
  }

  /** Since when shoppers are inside, of at most so many. */
  insideSince(limit: number): number[] {
    return this.#sql
      .exec<{ claimed_at_ms: number }>(
        `SELECT claimed_at_ms FROM claim
         WHERE claimed_at_ms IS NOT NULL AND ended IS NULL ORDER BY expires_at_ms LIMIT +?`,
        limit,
      )
      .toArray()
      .map((row) => row.claimed_at_ms);
  }

  /** Shoppers who asked, got no pass and have not asked again since `beforeMs`. */
  silentAskers(beforeMs: number, limit: number): number[] {
    return this.#sql
      .exec<{ number: number }>(
        `SELECT number FROM claim
         WHERE claimed_at_ms IS NULL AND ended IS NULL AND asked_at_ms <= ? LIMIT +?`,
        beforeMs,
        limit,
      )
      .toArray()
      .map((row) => row.number);
  }
}
