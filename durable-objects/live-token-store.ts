import { refuse, type Refusal } from "../domain/problem.ts";
import { migrate } from "./migrate.ts";

/*
 * The tokens that have opened a socket, until they would have expired anyway: rows of up to a hundred that
 * expire in one second, so that a socket costs one row written, and forgetting its token hardly any.
 */

/** Append-only: what has shipped never changes. */
const MIGRATIONS = [
  `CREATE TABLE used (
     expires_at_ms INTEGER NOT NULL,
     nonce TEXT NOT NULL,
     PRIMARY KEY (expires_at_ms, nonce)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE used_together (
     second INTEGER NOT NULL,
     part INTEGER NOT NULL,
     nonces TEXT NOT NULL,
     PRIMARY KEY (second, part)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO used_together (second, part, nonces)
     SELECT (expires_at_ms + 999) / 1000 AS second, 0, group_concat(nonce, ' ') FROM used GROUP BY second;
   DROP TABLE used;`,
];

/** Used tokens that are remembered: more than all sockets of an object within the life of one. */
const USED_MAX_TOKENS = 20_000;
/** Tokens of one row, which is written anew with each: under 2 kB. */
const TOGETHER_MAX_TOKENS = 100;

/** Makes sure that a token opens one socket. */
export class LiveTokenStore {
  readonly #sql: SqlStorage;
  #tokens = 0;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, MIGRATIONS);
    this.#sql = storage.sql;
    for (const { nonces } of this.#rows("SELECT nonces FROM used_together"))
      this.#tokens += noncesIn(nonces).length;
  }

  /** Uses a token up; refused when it was used or has expired, `busy` when too many are remembered. */
  use(nonce: string, expiresAtMs: number, nowMs: number): { ok: true } | Refusal {
    this.sweep(nowMs);
    if (nowMs >= expiresAtMs) return refuse("live_token_invalid");
    if (this.#tokens >= USED_MAX_TOKENS) return refuse("busy", { retryAfterSeconds: 1 });
    const second = Math.ceil(expiresAtMs / 1_000);
    const rows = this.#rows(
      "SELECT nonces FROM used_together WHERE second = ? ORDER BY part",
      second,
    );
    const used = rows.map(({ nonces }) => noncesIn(nonces));
    if (used.some((nonces) => nonces.includes(nonce))) return refuse("live_token_invalid");
    const isFull = (used.at(-1)?.length ?? 0) >= TOGETHER_MAX_TOKENS;
    this.#sql.exec(
      `INSERT INTO used_together (second, part, nonces) VALUES (?, ?, ?)
       ON CONFLICT (second, part) DO UPDATE SET nonces = nonces || ' ' || excluded.nonces`,
      second,
      Math.max(0, used.length - (isFull ? 0 : 1)),
      nonce,
    );
    this.#tokens += 1;
    return { ok: true };
  }

  /** Forgets tokens that have expired. */
  sweep(nowMs: number): void {
    if (this.#tokens === 0) return;
    const over = "DELETE FROM used_together WHERE second <= ? RETURNING nonces";
    for (const { nonces } of this.#rows(over, Math.floor(nowMs / 1_000)))
      this.#tokens -= noncesIn(nonces).length;
  }

  #rows(query: string, ...bound: number[]): { nonces: string }[] {
    return this.#sql.exec<{ nonces: string }>(query, ...bound).toArray();
  }
}

function noncesIn(text: string): string[] {
  return text.split(" ");
}
