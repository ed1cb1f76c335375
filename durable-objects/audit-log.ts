import { DurableObject } from "cloudflare:workers";
import { CLOCK, type Actor } from "../domain/books/actor.ts";
import { SHOP_CHAIN, type ChainHead, type ChainPage } from "../domain/books/chain.ts";
import type { ShopTrailType } from "../domain/books/trail.ts";
import { anchorsOf, movementOf } from "../domain/books/anchor.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { GroupCommit } from "./group-commit.ts";
import { migrate } from "./migrate.ts";
import type { Refusal } from "../domain/problem.ts";
import { systemRuntime, type Runtime } from "./runtime.ts";
import { TrailOutbox } from "./trail-outbox.ts";
import { TRAIL_TABLES, TrailStore } from "./trail-store.ts";

const MIGRATIONS = [
  `${TRAIL_TABLES}
   CREATE TABLE anchored (
     chain TEXT PRIMARY KEY,
     sequence INTEGER NOT NULL,
     hash TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
];

/** The bindings that the object uses. */
export type AuditLogEnv = Pick<PurchaseEnv, "LEDGER_QUEUE">;

/**
 * The writer of the shop's own chain, one for the whole shop: what staff do to products and sales as they
 * are defined, and from time to time where all other chains stand. Whoever rewrites one of those would
 * have to rewrite this one, too.
 */
export class AuditLog extends DurableObject<AuditLogEnv> {
  readonly #trail: TrailStore;
  readonly #outbox: TrailOutbox;
  readonly #clock: AlarmClock;
  readonly #commits: GroupCommit;

  constructor(ctx: DurableObjectState, env: AuditLogEnv, runtime: Runtime = systemRuntime) {
    super(ctx, env);
    migrate(ctx.storage, MIGRATIONS);
    this.#trail = new TrailStore(ctx.storage);
    this.#clock = new AlarmClock(ctx.storage, runtime);
    this.#outbox = new TrailOutbox(this.#trail, {
      storage: ctx.storage,
      runtime,
      clock: this.#clock,
      chain: () => SHOP_CHAIN,
      send: (page) => env.LEDGER_QUEUE.send(page),
    });
    this.#commits = new GroupCommit({
      storage: ctx.storage,
      runtime,
      after: () => this.#outbox.wake(),
    });
    void ctx.blockConcurrencyWhile(() => this.#clock.load());
  }

  /** Writes what somebody is about to do; it is in the chain when this answers, and done after that. */
  record(
    type: ShopTrailType,
    detail: object,
    by: Actor,
  ): Promise<{ ok: true; sequence: number } | Refusal> {
    return this.#commits.run((nowMs) => {
      const sequence = this.#trail.write(type, detail, by, nowMs);
      return { ok: true, sequence } as const;
    });
  }

  /**
   * Anchors chains together where they stand further than when they were anchored last; when none does,
   * nothing is written. How many it were, and those that do not stand where they stood: somebody has
   * changed them.
   */
  anchor(
    heads: ChainHead[],
  ): Promise<{ ok: true; anchored: number; behind: ChainHead[] } | Refusal> {
    return this.#commits.run((nowMs) => {
      const { moved, behind } = movementOf(heads, (chain) => this.anchored(chain));
      for (const anchor of anchorsOf(moved)) this.#trail.write("anchored", anchor, CLOCK, nowMs);
      for (const head of moved) this.#writeAnchored(head);
      return { ok: true, anchored: moved.length, behind } as const;
    });
  }

  /** The shop's chain after a sequence, a page at a time. */
  chain(after: number): ChainPage {
    return this.#trail.page(SHOP_CHAIN, after);
  }

  /** Where the shop's chain stands. */
  head(): ChainHead {
    return { chain: SHOP_CHAIN, ...this.#trail.end() };
  }

  /** Where a chain was anchored last; `null` when it never was. */
  anchored(chain: string): ChainHead | null {
    const rows = this.ctx.storage.sql.exec<{ chain: string; sequence: number; hash: string }>(
      "SELECT * FROM anchored WHERE chain = ?",
      chain,
    );
    return rows.toArray()[0] ?? null;
  }

  /** Chains that were ever anchored, by name, after one of them. */
  chains(after: string, limit: number): string[] {
    return this.ctx.storage.sql
      .exec<{ chain: string }>(
        "SELECT chain FROM anchored WHERE chain > ? ORDER BY chain LIMIT +?",
        after,
        limit,
      )
      .toArray()
      .map(({ chain }) => chain);
  }

  /** The projection has written these entries. */
  acked(fromSequence: number, throughSequence: number): void {
    this.#outbox.acked(fromSequence, throughSequence);
  }

  override alarm(): void {
    this.#clock.fired();
    this.#outbox.wake();
  }

  #writeAnchored({ chain, sequence, hash }: ChainHead): void {
    this.ctx.storage.sql.exec(
      `INSERT INTO anchored (chain, sequence, hash) VALUES (?, ?, ?)
       ON CONFLICT (chain) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash`,
      chain,
      sequence,
      hash,
    );
  }
}
