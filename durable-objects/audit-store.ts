import type { Actor } from "../domain/books/actor.ts";

/** One change that a person made. */
export interface AuditEntry extends Actor {
  sequence: number;
  atMs: number;
  /** What was done, as JSON. */
  action: string;
}

interface AuditRow extends Record<string, SqlStorageValue> {
  sequence: number;
  at_ms: number;
  actor: string;
  reason: string | null;
  action: string;
}

/** What people did to a sale, in the sequencer's table `audit`: written with what it tells of. */
export class AuditStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  write(action: object, { actor, reason }: Actor, nowMs: number): void {
    this.#sql.exec(
      "INSERT INTO audit (at_ms, actor, reason, action) VALUES (?, ?, ?, ?)",
      nowMs,
      actor,
      reason,
      JSON.stringify(action),
    );
  }

  /** Entries after `sequence`, oldest first. */
  after(sequence: number, limit: number): AuditEntry[] {
    return this.#sql
      .exec<AuditRow>(
        "SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
        sequence,
        limit,
      )
      .toArray()
      .map((row) => ({
        sequence: row.sequence,
        atMs: row.at_ms,
        actor: row.actor,
        reason: row.reason,
        action: row.action,
      }));
  }
}
