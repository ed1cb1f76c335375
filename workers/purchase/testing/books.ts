import { expect } from "vitest";
import { anchorsOf, movementOf } from "../../../domain/books/anchor.ts";
import {
  skuOf,
  CHAIN_PAGE_MAX_ROWS,
  SHOP_CHAIN,
  type ChainHead,
  type ChainPage,
  type ChainRow,
} from "../../../domain/books/chain.ts";
import { chainOf, headOf } from "../../../domain/books/testing/chains.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { verify } from "../books/verify.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

export const NOON_MS = 1_795_262_400_000;
export const HOUR_MS = 3_600_000;
/** The chains of a sale of one item. */
export const ITEM = "item/phone";
export const SALE = "sale/drop";

/** All chains of a shop with their writers' copies and the database's, each to be tampered with. */
export class Books {
  nowMs = NOON_MS;
  readonly database = new SqliteDatabase();
  readonly chains = new Map<string, ChainRow[]>();
  readonly anchored = new Map<string, ChainHead>();
  readonly asked: string[] = [];
  /** Rows that are written down while somebody reads. */
  meanwhile: (chain: string) => void = () => {};
  readonly env: PurchaseEnv;

  constructor() {
    const owners = (kind: string) => ({
      getByName: (name: string) => this.#owner(`${kind}/${name}`),
    });
    const log = {
      ...this.#owner(SHOP_CHAIN),
      anchored: async (chain: string) => this.anchored.get(chain) ?? null,
      chains: async (after: string, limit: number) =>
        [...this.anchored.keys()]
          .filter((chain) => chain > after)
          .toSorted()
          .slice(0, limit),
      anchor: async (heads: ChainHead[]) => {
        const { moved, behind } = movementOf(heads, (chain) => this.anchored.get(chain) ?? null);
        this.anchor(moved);
        return { ok: true, anchored: moved.length, behind };
      },
    };
    this.env = {
      DB: this.database.binding,
      SKU: owners("item"),
      QUEUE_SEQUENCER: owners("sale"),
      AUDIT_LOG: { getByName: () => log },
    } as unknown as PurchaseEnv;
    this.list("drop", "phone", NOON_MS + HOUR_MS);
    this.write(ITEM, 5);
    this.write(SALE, 3);
    this.anchor([headOf(ITEM, this.rows(ITEM)), headOf(SALE, this.rows(SALE))]);
    this.write(ITEM, 2);
    this.anchor([headOf(ITEM, this.rows(ITEM))]);
    this.write(SALE, 1);
  }

  readonly runtime = { now: () => this.nowMs } as Runtime;

  list(saleId: string, sku: string, endsAtMs: number): void {
    const control = JSON.stringify({ endsAtMs });
    const { sqlite } = this.database;
    sqlite.prepare("INSERT INTO sale VALUES (?, 0, '{}', ?, 1)").run(saleId, control);
    sqlite.prepare("INSERT INTO sale_item VALUES (?, ?)").run(sku, saleId);
  }

  rows(chain: string): ChainRow[] {
    return this.chains.get(chain) ?? [];
  }

  /** Writes so many facts, at their writer and in the database. */
  write(chain: string, count: number, fact: object = { type: "reserved" }): void {
    const before = this.rows(chain);
    const texts = Array.from({ length: count }, () =>
      JSON.stringify({ atMs: this.nowMs, ...fact }),
    );
    const rows = chainOf(texts, before);
    this.chains.set(chain, rows);
    for (const { sequence, text, hash } of rows.slice(before.length))
      this.copy(chain, sequence, text, hash);
  }

  copy(chain: string, sequence: number, text: string, hash: string): void {
    const sku = skuOf(chain);
    const { sqlite } = this.database;
    if (sku !== null)
      sqlite
        .prepare("INSERT INTO ledger_event VALUES (?, ?, 'drop', 0, 'reserved', NULL, ?, ?)")
        .run(sku, sequence, text, hash);
    else
      sqlite
        .prepare("INSERT INTO audit_entry VALUES (?, ?, 0, 'x', 'x', ?, ?)")
        .run(chain, sequence, text, hash);
  }

  anchor(heads: ChainHead[]): void {
    for (const detail of anchorsOf(heads)) this.write(SHOP_CHAIN, 1, { type: "anchored", detail });
    for (const head of heads) this.anchored.set(head.chain, head);
  }

  /** Changes the database behind its triggers' back. */
  tamper(statement: string): void {
    const { sqlite } = this.database;
    for (const table of ["ledger_event", "audit_entry"])
      for (const change of ["update", "delete"])
        sqlite.exec(`DROP TRIGGER IF EXISTS ${table}_refuses_${change}`);
    sqlite.exec(statement);
  }

  /** Writes a chain anew at its writer, from this row on. */
  anew(chain: string, sequence: number): void {
    const rows = this.rows(chain);
    const texts = [`"anew"`, ...rows.slice(sequence).map(({ text }) => text)];
    this.chains.set(chain, chainOf(texts, rows.slice(0, sequence - 1)));
  }

  cut(chain: string, through: number): void {
    this.chains.set(chain, this.rows(chain).slice(0, through));
  }

  async found(): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | null = null;
    for (let parts = 0; parts < 20; parts++) {
      const answer = await verify(this.env, this.runtime, cursor);
      if (!answer.ok) throw new Error(answer.code);
      const { findings, ok } = answer.verified;
      expect(ok).toBe(findings.length === 0);
      found.push(
        ...findings.map(
          ({ chain, sequence, kind, seenBy }) => `${chain} ${sequence} ${kind} ${seenBy}`,
        ),
      );
      ({ cursor } = answer.verified);
      if (cursor === null) return found;
    }
    throw new Error("The verification does not end.");
  }

  #owner(chain: string) {
    return {
      chain: async (after: number): Promise<ChainPage> => {
        this.asked.push(`${chain} ${after}`);
        const rows = this.rows(chain);
        const page = rows.filter(({ sequence }) => sequence > after).slice(0, CHAIN_PAGE_MAX_ROWS);
        const answer = {
          head: headOf(chain, rows),
          rows: page,
          mirroredThrough: rows.at(-1)?.sequence ?? 0,
        };
        this.meanwhile(chain);
        return answer;
      },
      head: async () => headOf(chain, this.rows(chain)),
    };
  }
}
