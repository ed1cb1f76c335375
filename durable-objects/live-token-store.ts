import { refuse, type Refusal } from "../domain/problem.ts";
import { migrate } from "./migrate.ts";

/*
 * The tokens that have opened a socket, until they would have expired anyway. They are kept in memory; a row says of a second
 * that tokens which expire in it may have been used, and is written before the first of them is. An object that wakes does
 * not know by which tokens the one before it has opened sockets: it refuses all that expire in a second with a row. Whoever
 * holds one of these asks for another, which expires later.
 */

/** Append-only: what has shipped never changes. */
const MIGRATIONS = [
  `CREATE TABLE used (
     expires_at_ms INTEGER NOT NULL,
     nonce TEXT NOT NULL,
     PRIMARY KEY (expires_at_ms, nonce)
   ) STRICT, WITHOUT ROWID;`,
  // The version before lists tokens in `nonces`, in parts; this one needs neither.
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

/** Makes sure that a token opens one socket. */
export class LiveTokenStore {
  readonly #sql: SqlStorage;
  /** By the second in which they expire: the tokens that were used; `null` where only an object before this one knew them. */
  readonly #seconds = new Map<number, Set<string> | null>();
  #tokens = 0;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, MIGRATIONS);
    this.#sql = storage.sql;
    for (const { second } of this.#sql.exec<{ second: number }>("SELECT second FROM used_together"))
      this.#seconds.set(second, null);
  }

  /** Uses a token up; refused when it was used or has expired, `busy` when too many are remembered. */
  use(nonce: string, expiresAtMs: number, nowMs: number): { ok: true } | Refusal {
    this.sweep(nowMs);
    if (nowMs >= expiresAtMs) return refuse("live_token_invalid");
    if (this.#tokens >= USED_MAX_TOKENS) return refuse("busy", { retryAfterSeconds: 1 });
    const second = Math.ceil(expiresAtMs / 1_000);
    const used = this.#seconds.has(second) ? this.#seconds.get(second) : this.#begin(second);
    if (!used || used.has(nonce)) return refuse("live_token_invalid");
    used.add(nonce);
    this.#tokens += 1;
    return { ok: true };
  }

  /** Forgets tokens that have expired. */
  sweep(nowMs: number): void {
    const nowSecond = Math.floor(nowMs / 1_000);
    const over = [...this.#seconds].filter(([second]) => second <= nowSecond);
    if (over.length === 0) return;
    this.#sql.exec("DELETE FROM used_together WHERE second <= ?", nowSecond);
    for (const [second, used] of over) {
      this.#seconds.delete(second);
      this.#tokens -= used?.size ?? 0;
    }
  }

  #begin(second: number): Set<string> {
    this.#sql.exec("INSERT INTO used_together (second, part, nonces) VALUES (?, 0, '')", second);
    const used = new Set<string>();
    this.#seconds.set(second, used);
    return used;
  }
}
