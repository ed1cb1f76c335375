import type { Reconciliation } from "../../domain/books/reconcile.ts";
import { differenceText } from "../../domain/books/reconcile-text.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";
import { Rebuild } from "../../workers/purchase/books/rebuild.ts";
import { reconcileSku } from "../../workers/purchase/books/reconcile.ts";
import { verify } from "../../workers/purchase/books/verify.ts";
import { rowsOf, write } from "../invariants/tables.ts";
import type { Violate } from "../invariants/item.ts";
import type { Dice } from "../kernel/dice.ts";
import { isInfrastructure } from "../platform/network.ts";
import { WorkerCaller } from "../platform/worker.ts";
import { START_MS, troubleMsOf } from "../plan/plan.ts";
import { SALE_ID, type World } from "./world.ts";

/** In this share of the seeds somebody reconciles while the sale runs, so often at the most. */
const BUSY_SHARE = 0.4;
const LOOKS_MAX = 5;
/** … from its start to this long after the trouble. */
const LATE_MAX_MS = 30_000;
/** At the end everything that may take its time has had it: longer than any grace of a reconciliation. */
const LATER_MS = 3_600_000;
/** In this share of the seeds somebody meddles with the database when all is over. */
const PLANTED_SHARE = 0.3;
/**
 * What they do: to the first row of a table, found by what names it in a difference, which is of this kind. Where other
 * columns are there than `shows` names after it, somebody wrote the row anew.
 */
const PLANTS = [
  {
    kind: "order_missing",
    row: "orders",
    key: "order_id",
    shows: "1",
    sql: "DELETE FROM orders WHERE",
  },
  {
    kind: "order_changed",
    row: "orders",
    key: "order_id",
    shows: "amount",
    sql: "UPDATE orders SET amount = amount + 1 WHERE",
  },
  {
    kind: "payment_missing",
    row: "payment",
    key: "order_id || ':' || attempt",
    shows: "1",
    sql: "DELETE FROM payment WHERE",
  },
  {
    kind: "payment_changed",
    row: "payment",
    key: "order_id || ':' || attempt",
    shows: "version, state",
    sql: "UPDATE payment SET state = 'planted' WHERE",
  },
  {
    kind: "message_missing",
    row: "message",
    key: "event_id || ' ' || shopper",
    shows: "1",
    sql: "DELETE FROM message WHERE",
  },
  {
    kind: "level_changed",
    row: "stock_level",
    key: "sku",
    shows: "sequence, sold",
    sql: "UPDATE stock_level SET sold = sold + 1 WHERE",
  },
] as const;
/** Whether the projection has caught up with a rebuild is asked this often. */
const SETTLE_LOOK_US = 1_000_000;

/** Compares the books of every item, the provider's among them, while the sale runs and when all is over. */
export class Bookkeeper {
  readonly #world: World;
  readonly #violate: Violate;
  readonly #dice: Dice;
  readonly #cover: (name: string) => void;
  #isPlanted = false;

  constructor(world: World, violate: Violate, cover: (name: string) => void) {
    this.#cover = cover;
    this.#world = world;
    this.#violate = violate;
    this.#dice = world.kernel.dice.fork("bookkeeper");
  }

  /** Looks now and then while everything moves: nothing of that may be taken for a difference. */
  begin(): void {
    if (!this.#dice.chance(BUSY_SHARE)) return;
    const { scheduler } = this.#world.kernel;
    for (let looks = this.#dice.int(1, LOOKS_MAX); looks > 0; looks--) {
      const atMs = START_MS + this.#dice.int(0, troubleMsOf(this.#world.plan) + LATE_MAX_MS);
      const { sku } = this.#dice.pick(this.#world.plan.items);
      scheduler.schedule(atMs * 1000 - scheduler.nowUs, () => void this.#look(sku, 0));
    }
  }

  /** The last look, at everything: the books agree, prove genuine, and are the same when they are made anew. */
  async settle(): Promise<void> {
    for (const { sku } of this.#world.plan.items) await this.#look(sku, LATER_MS);
    await this.#verify();
    await this.#rebuild();
    if (this.#dice.chance(PLANTED_SHARE)) await this.#plant();
  }

  /** Somebody meddles with the database: a reconciliation tells of the row. */
  async #plant(): Promise<void> {
    const { kind, row, key, shows, sql } = this.#dice.pick(PLANTS);
    const { database } = this.#world.database;
    const [found] = rowsOf<{ sku: string; key: string }>(
      database,
      `SELECT sku, ${key} AS key FROM ${row} WHERE sku IS NOT NULL ORDER BY key LIMIT 1`,
    );
    if (!found) return;
    this.#isPlanted = true;
    write(database, `${sql} ${key} = ?`, found.key);
    const look = (): string =>
      JSON.stringify(rowsOf(database, `SELECT ${shows} FROM ${row} WHERE ${key} = ?`, found.key));
    const planted = look();
    const result = await this.#reconcile(found.sku, 0);
    const differences = result?.differences ?? [];
    const isNamed = differences.some((of) => of.kind === kind && of.key === found.key);
    // A page that comes once more, or is the next of its chain, may have written the row anew.
    if (!isNamed && look() !== planted) return;
    if (!isNamed)
      this.#violate("books.seen", `${kind} of ${found.key}: ${JSON.stringify(differences)}`);
    this.#cover(`planted.${kind}`);
  }

  async #verify(): Promise<void> {
    const { env, runtime } = this.#invocation();
    for (let cursor: string | null = null; ;) {
      const answer = await verify(env, runtime, cursor);
      if (!answer.ok) return this.#violate("books.genuine", `no answer but ${answer.code}`);
      for (const finding of answer.verified.findings)
        this.#violate("books.genuine", JSON.stringify(finding));
      ({ cursor } = answer.verified);
      if (cursor === null) return;
    }
  }

  async #rebuild(): Promise<void> {
    const { env, runtime } = this.#invocation();
    const rebuild = new Rebuild(env, runtime, false);
    for (let cursor: string | null = null; ;) {
      const answer = await rebuild.step(cursor);
      if (!answer.ok) return this.#violate("books.rebuilt", `a step ends with ${answer.code}`);
      const { step } = answer;
      // A minute's round may have written something that is on its way.
      if (step.phase === "settle") await this.#world.kernel.scheduler.sleep(SETTLE_LOOK_US);
      for (const { table, missing, surplus, different, named } of step.tables)
        if (missing + surplus + different > 0)
          this.#violate("books.rebuilt", `${table}: ${JSON.stringify(named)}`);
      ({ cursor } = step);
      if (cursor === null) return;
    }
  }

  #invocation(): { env: PurchaseEnv; runtime: Runtime } {
    const worker = new WorkerCaller(this.#world.kernel, "bookkeeper");
    return { env: this.#world.purchaseEnv(worker), runtime: worker.runtime };
  }

  async #look(sku: string, laterMs: number): Promise<void> {
    const result = await this.#reconcile(sku, laterMs);
    // One that began while the sale ran may be done when somebody has meddled with its books.
    if (!result || this.#isPlanted) return;
    const { ok, figures, differences } = result;
    this.#world.kernel.note(`${sku} reconciled: ${JSON.stringify(figures)}`);
    if (!ok) this.#violate("books.agree", `${sku}: ${differences.map(differenceText).join(" ")}`);
    if (laterMs > 0 && figures.unsettled > 0)
      this.#violate("books.agree", `${sku}: ${figures.unsettled} orders are unsettled`);
  }

  /** Reconciles an item as it will be after a while; `null` when something beneath it failed. */
  async #reconcile(sku: string, laterMs: number): Promise<Reconciliation | null> {
    const { env, runtime: usual } = this.#invocation();
    const runtime: Runtime = { ...usual, now: () => usual.now() + laterMs };
    const provider = this.#world.provider.audit();
    try {
      return await reconcileSku(env, runtime, { sku, saleId: SALE_ID }, { provider });
    } catch (error) {
      if (!isBeneath(error)) this.#violate("no_exceptions", String(error));
      return null;
    }
  }
}

/** Whether an error comes from beneath the code; Drizzle wraps what the database says. */
export function isBeneath(error: unknown): boolean {
  return isInfrastructure(error) || (error instanceof Error && isInfrastructure(error.cause));
}
