import { refuse, type Refusal } from "../domain/problem.ts";
import { migrate } from "./migrate.ts";

/*
 * The tokens that have opened a socket, until they would have expired anyway. Their times come first in
 * the key, so that what is over is deleted from one end.
 */

const MIGRATIONS = [
  `CREATE TABLE used (
     expires_at_ms INTEGER NOT NULL,
     nonce TEXT NOT NULL,
     PRIMARY KEY (expires_at_ms, nonce)
   ) STRICT, WITHOUT ROWID;`,
];

/** Used tokens that are remembered: more than all sockets of an object within the life of one. */
const USED_MAX_ROWS = 20_000;

/** Makes sure that a token opens one socket. */
export class LiveTokenStore {
  readonly #sql: SqlStorage;
  #rows: number;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, MIGRATIONS);
    this.#sql = storage.sql;
    this.#rows = this.#sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM used").one().rows;
  }

  /** Uses a token up; refused when it was used or has expired, `busy` when too many are remembered. */
  use(nonce: string, expiresAtMs: number, nowMs: number): { ok: true } | Refusal {
    this.sweep(nowMs);
    if (nowMs >= expiresAtMs) return refuse("live_token_invalid");
    if (this.#rows >= USED_MAX_ROWS) return refuse("busy", { retryAfterSeconds: 1 });
    const cursor = this.#sql.exec(
      "INSERT INTO used (expires_at_ms, nonce) VALUES (?, ?) ON CONFLICT DO NOTHING",
      expiresAtMs,
      nonce,
    );
    if (cursor.rowsWritten === 0) return refuse("live_token_invalid");
    this.#rows += 1;
    return { ok: true };
  }

  /** Forgets tokens that have expired. */
  sweep(nowMs: number): void {
    if (this.#rows === 0) return;
    this.#rows -= this.#sql
      .exec("DELETE FROM used WHERE expires_at_ms <= ? RETURNING 1", nowMs)
      .toArray().length;
  }
}
