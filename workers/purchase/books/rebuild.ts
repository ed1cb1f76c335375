import { sql } from "drizzle-orm";
import { decodeBase64url, encodeBase64url } from "../../../domain/base64url.ts";
import {
  itemChain,
  saleChain,
  saleIdOf,
  SHOP_CHAIN,
  skuOf,
  type ChainPage,
} from "../../../domain/books/chain.ts";
import { refuse, type Refusal } from "../../../domain/problem.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { database } from "../database.ts";
import { compareRange, COMPARISONS_COUNT, type Key, type Verdict } from "./comparison.ts";
import { ownerOf } from "./owners.ts";
import { readChainRows } from "./reading.ts";
import { beginRun, isOvertaken, onlyOf } from "./rebuild-run.ts";
import { writeRebuilt } from "./writers.ts";

/*
 * The projection made anew, from nothing but the chains, beside the tables in use, and compared with them row by
 * row. It goes in steps: whoever drives it brings the cursor of the step before. Nothing is remembered between
 * steps but the rebuilt tables and whose they are, so that a drill that is given up leaves nothing to be put right.
 */

/** A step reads chains for so long … */
const STEP_MAX_MS = 2_000;
/** … and at most this many pages of them: each costs a transaction. */
const STEP_MAX_PAGES = 20;
/** How often one looks whether the projection has caught up with what was read, before what it lacks is missing. */
const SETTLE_LOOKS_MAX = 30;
/** Keys of rows that a step names, of each kind; all are counted. */
const KEYS_NAMED_MAX = 10;

/** What differs in a table, and how much of it. */
export interface TableDifferences {
  table: string;
  /** Rows that were made anew and compared. */
  rows: number;
  /** Rows in use that later events have brought: they are not compared. */
  newer: number;
  missing: number;
  surplus: number;
  different: number;
  /** Rows that were put right. */
  mended: number;
  /** The first of what differs; parts of a key are separated by a blank. */
  named: { verdict: Verdict; key: string }[];
}

/** What a step has done. */
export interface RebuildStep {
  /** `read`: chains; `settle`: the projection is behind; `mend` and `check`: compared, and put right or not. */
  phase: Place["phase"];
  /** Rows of chains that were read in this step. */
  read: number;
  /** What this step has found. */
  tables: TableDifferences[];
  /** Where the next step goes on; `null` after the last. */
  cursor: string | null;
}

/** Where a rebuild has come to. */
type Place =
  | {
      phase: "read";
      /** The chain that is read; "" before the first. */
      chain: string;
      /** Of an item. */
      saleId: string;
      after: number;
      /** Its head when it was begun; `null` before. */
      through: number | null;
      isBehind: boolean;
    }
  | { phase: "settle"; looks: number }
  | { phase: "mend" | "check"; table: number; after: Key | null };

type At<Phase extends Place["phase"]> = Place & { phase: Phase };
type Cursor = Place & { run: string };
type Done = Omit<RebuildStep, "cursor"> & { next: Place | null };

const NO_CURSOR = {
  path: "cursor",
  message: "is not the cursor of an earlier step; leave it out to begin",
};
const OVERTAKEN =
  "Another rebuild has begun since, and the rebuilt tables are its own. This one changes nothing any more.";

const BEGINNING: Place = {
  phase: "read",
  chain: "",
  saleId: "",
  after: 0,
  through: null,
  isBehind: false,
};

/** Rebuilds, compares, and with `mends` puts right what may be changed; a step at a time. */
export class Rebuild {
  readonly #env: PurchaseEnv;
  readonly #runtime: Pick<Runtime, "now" | "randomBytes">;
  readonly #mends: boolean;

  constructor(env: PurchaseEnv, runtime: Pick<Runtime, "now" | "randomBytes">, mends: boolean) {
    this.#env = env;
    this.#runtime = runtime;
    this.#mends = mends;
  }

  /** Does the step after a cursor; `null` begins. Refuses what is none of ours, and a rebuild that was overtaken. */
  async step(text: string | null): Promise<{ ok: true; step: RebuildStep } | Refusal> {
    const cursor = text === null ? await this.#begin() : readCursor(text);
    if (!cursor) return refuse("validation_failed", { errors: [NO_CURSOR] });
    const { run, ...place } = cursor;
    try {
      const { next, ...done } = await this.#do(run, place);
      return { ok: true, step: { ...done, cursor: next && writeCursor({ run, ...next }) } };
    } catch (error) {
      if (await isOvertaken(this.#env, run))
        return refuse("rebuild_overtaken", { detail: OVERTAKEN });
      throw error;
    }
  }

  async #begin(): Promise<Cursor> {
    return { run: await beginRun(this.#env, this.#runtime), ...BEGINNING };
  }

  #do(run: string, place: Place): Promise<Done> {
    switch (place.phase) {
      case "read":
        return this.#read(run, place);
      case "settle":
        return this.#settle(run, place);
      case "mend":
      case "check":
        return this.#compare(run, place);
    }
  }

  async #read(run: string, from: At<"read">): Promise<Done> {
    const endsAtMs = this.#runtime.now() + STEP_MAX_MS;
    const step: Done = { phase: "read", read: 0, tables: [], next: null };
    let place = from;
    for (let pages = 0; pages < STEP_MAX_PAGES && this.#runtime.now() < endsAtMs; pages++) {
      if (place.through === null || place.after >= place.through) {
        const next = await this.#nextChain(place.chain);
        const { isBehind } = place;
        if (next === null)
          return { ...step, next: isBehind ? { phase: "settle", looks: 0 } : this.#first() };
        place = { phase: "read", ...next, after: 0, through: null, isBehind };
      }
      place = await this.#readPage(run, place, step);
    }
    return { ...step, next: place };
  }

  async #readPage(run: string, place: At<"read">, step: Done): Promise<At<"read">> {
    const { chain, saleId, after } = place;
    const inUse = place.through === null ? await this.#lastInUse(chain) : 0;
    const page: ChainPage = await ownerOf(this.#env, chain).chain(after);
    const through = place.through ?? page.head.sequence;
    // Its writer was asked after the database: what is beyond its head was never written by it.
    if (inUse > through) step.tables.push(beyondHead(chain, through, inUse));
    const rows = page.rows.filter(({ sequence }) => sequence <= through);
    const last = rows.at(-1);
    if (last) {
      const { DB } = this.#env;
      await DB.batch([onlyOf(DB, run), ...writeRebuilt(DB, readChainRows(chain, saleId, rows))]);
    }
    step.read += rows.length;
    const isBehind = place.isBehind || (page.mirroredThrough ?? 0) < through;
    return { ...place, through, after: last?.sequence ?? through, isBehind };
  }

  /** The chain after another one: items', sales', the shop's. */
  async #nextChain(chain: string): Promise<{ chain: string; saleId: string } | null> {
    const db = database(this.#env);
    const sku = chain === "" ? "" : skuOf(chain);
    if (sku !== null) {
      const [item] = await db.all<{ sku: string; saleId: string }>(sql`
        SELECT sku, sale_id AS saleId FROM sale_item WHERE sku > ${sku} ORDER BY sku LIMIT 1`);
      if (item) return { chain: itemChain(item.sku), saleId: item.saleId };
    }
    if (chain === SHOP_CHAIN) return null;
    const after = saleIdOf(chain) ?? "";
    const [sale] = await db.all<{ saleId: string }>(sql`
      SELECT sale_id AS saleId FROM sale WHERE sale_id > ${after} ORDER BY sale_id LIMIT 1`);
    return sale ? { chain: saleChain(sale.saleId), saleId: sale.saleId } : SHOP;
  }

  /** The last row that the tables in use have of a chain. */
  async #lastInUse(chain: string): Promise<number> {
    const sku = skuOf(chain);
    const [row] = await database(this.#env).all<{ last: number | null }>(
      sku === null
        ? sql`SELECT max(sequence) AS last FROM audit_entry WHERE chain = ${chain}`
        : sql`SELECT max(sequence) AS last FROM ledger_event WHERE sku = ${sku}`,
    );
    return row?.last ?? 0;
  }

  async #settle(run: string, { looks }: At<"settle">): Promise<Done> {
    const { DB } = this.#env;
    const [, looked] = await DB.batch<{ behind: number }>([onlyOf(DB, run), DB.prepare(BEHIND)]);
    const waits = looked?.results[0]?.behind === 1 && looks < SETTLE_LOOKS_MAX;
    const next: Place = waits ? { phase: "settle", looks: looks + 1 } : this.#first();
    return { phase: "settle", read: 0, tables: [], next };
  }

  #first(): Place {
    return { phase: this.#mends ? "mend" : "check", table: 0, after: null };
  }

  async #compare(run: string, place: At<"mend" | "check">): Promise<Done> {
    const { phase, table, after } = place;
    const mends = phase === "mend" && this.#mends;
    const range = await compareRange(this.#env.DB, run, table, after, mends);
    const count = (verdict: Verdict): number =>
      range.findings.filter((finding) => finding.verdict === verdict).length;
    const named = (["missing", "surplus", "different"] as const).flatMap((verdict) =>
      range.findings
        .filter((finding) => finding.verdict === verdict)
        .slice(0, KEYS_NAMED_MAX)
        .map(({ key }) => ({ verdict, key: key.join(" ") })),
    );
    const differences: TableDifferences = {
      table: range.table,
      rows: range.rows,
      newer: count("newer"),
      missing: count("missing"),
      surplus: count("surplus"),
      different: count("different"),
      mended: range.mended,
      named,
    };
    return { phase, read: 0, tables: [differences], next: nextOf(place, range.next) };
  }
}

/** Whether the projection lacks anything that was rebuilt. */
const BEHIND = `
  SELECT
    EXISTS (SELECT 1 FROM rebuilt_ledger_event r WHERE NOT EXISTS (
      SELECT 1 FROM ledger_event l WHERE l.sku = r.sku AND l.sequence = r.sequence))
    OR EXISTS (SELECT 1 FROM rebuilt_audit_entry r WHERE NOT EXISTS (
      SELECT 1 FROM audit_entry l WHERE l.chain = r.chain AND l.sequence = r.sequence))
    AS behind`;

const SHOP = { chain: SHOP_CHAIN, saleId: "" };

/** After the last table what was put right is compared once more. */
function nextOf({ phase, table }: At<"mend" | "check">, after: Key | null): Place | null {
  if (after !== null) return { phase, table, after };
  if (table + 1 < COMPARISONS_COUNT) return { phase, table: table + 1, after: null };
  return phase === "mend" ? { phase: "check", table: 0, after: null } : null;
}

function beyondHead(chain: string, head: number, last: number): TableDifferences {
  const sku = skuOf(chain);
  const key = `${sku ?? chain} ${head + 1}-${last}`;
  const none = { rows: 0, newer: 0, missing: 0, different: 0, mended: 0 };
  const table = sku === null ? "audit_entry" : "ledger_event";
  return { ...none, table, surplus: last - head, named: [{ verdict: "surplus", key }] };
}

function writeCursor(cursor: Cursor): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(cursor)));
}

/** Whoever may rebuild may do worse than make a cursor up: it is only told from no cursor at all. */
function readCursor(text: string): Cursor | null {
  const bytes = decodeBase64url(text);
  if (!bytes) return null;
  try {
    const cursor: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof cursor === "object" && cursor !== null && "phase" in cursor && "run" in cursor
      ? (cursor as Cursor)
      : null;
  } catch {
    return null;
  }
}
