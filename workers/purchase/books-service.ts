import { WorkerEntrypoint } from "cloudflare:workers";
import { NOBODY, type Actor } from "../../domain/books/actor.ts";
import type { ChainPage } from "../../domain/books/chain.ts";
import type { Reconciliation } from "../../domain/books/reconcile.ts";
import { refuse, type Refusal } from "../../domain/problem.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import {
  findAttention,
  openAttention,
  resolveAttention,
  type AttentionItem,
} from "./books/attention-list.ts";
import { DIFFERENCE } from "./books/differences.ts";
import {
  lastReconciliations,
  reconcileAndReport,
  reconcileAsked,
  type LastReconciliation,
  type ReconcileFilter,
} from "./books/reconcile.ts";
import { exportChains, readChain } from "./books/audit.ts";
import { noteInShop } from "./books/owners.ts";
import { Rebuild, type RebuildStep } from "./books/rebuild.ts";
import { verify, type Verified } from "./books/verify.ts";
import { reviveDead } from "./messages/due.ts";
import { listEvents, type EventFilter } from "./events/read.ts";
import type { DomainEvent } from "./events/schemas.ts";
import type { Page } from "./page.ts";

/** What the gateway asks about the books: history and its proof, reconciliation, what needs a person, rebuilding. */
export class BooksService extends WorkerEntrypoint<PurchaseEnv> {
  /** Whether the Worker answers. */
  ready(): boolean {
    return true;
  }

  /** A chain after a sequence, as its writer has it; `null` where there is none of this name. */
  history(chain: string, after: number): Promise<ChainPage | null> {
    return readChain(this.env, chain, after);
  }

  /** Reconciles items, some at a time; `cursor` leads to the next ones. */
  reconcile(filter: ReconcileFilter, cursor: string | null): Promise<Page<Reconciliation>> {
    return reconcileAsked(this.env, systemRuntime, filter, cursor);
  }

  /** How the items of a sale came out the last time. */
  reconciliations(saleId: string): Promise<LastReconciliation[]> {
    return lastReconciliations(this.env, saleId);
  }

  /** What needs a person beside payments, newest first; of all sales, or of one. */
  attention(
    saleId: string | null,
    cursor: string | null,
    limit: number,
  ): Promise<Page<AttentionItem>> {
    return openAttention(this.env, saleId, cursor, limit);
  }

  /** Takes a person's word that such an item is put right; a repeat changes nothing. */
  resolveAttention(
    itemId: string,
    by: Actor,
  ): Promise<{ ok: true; item: AttentionItem } | Refusal> {
    return resolveAttention(this.env, itemId, by, systemRuntime.now());
  }

  /** Compares the books again that such an item is about, or sends its messages again; the item as it is then. */
  async retryAttention(
    itemId: string,
    by: Actor = NOBODY,
  ): Promise<{ ok: true; item: AttentionItem } | Refusal> {
    const before = await findAttention(this.env, itemId);
    if (!before) return refuse("not_found");
    const { kind, saleId, sku } = before;
    if (kind === DIFFERENCE && saleId !== null && sku !== null)
      await reconcileAndReport(this.env, systemRuntime, { saleId, sku });
    else if (kind === "message_dead") {
      await noteInShop(this.env, "attention_retried", { itemId, kind, saleId, sku }, by);
      await reviveDead(this.env, itemId, systemRuntime.now());
    } else
      return refuse("order_state_conflict", { detail: "Nothing can be tried again: resolve it." });
    return { ok: true, item: (await findAttention(this.env, itemId)) ?? before };
  }

  /** Verifies a part of all chains, their copies and anchors; without a cursor from the beginning. */
  verify(cursor: string | null): Promise<{ ok: true; verified: Verified } | Refusal> {
    return verify(this.env, systemRuntime, cursor);
  }

  /** A part of all chains as lines of JSON; the last line says where the next part begins. */
  exportChains(cursor: string | null): Promise<{ ok: true; lines: string } | Refusal> {
    return exportChains(this.env, cursor);
  }

  /**
   * The next step of making the projection anew and comparing it; `null` begins. With `mends` what differs is put
   * right where it may be changed; that somebody does so is in the shop's chain first. After another rebuild has begun
   * the steps of this one are refused.
   */
  async rebuild(
    cursor: string | null,
    mends: boolean,
    by: Actor = NOBODY,
  ): Promise<{ ok: true; step: RebuildStep } | Refusal> {
    if (mends && cursor === null) await noteInShop(this.env, "tables_restored", {}, by);
    return new Rebuild(this.env, systemRuntime, mends).step(cursor);
  }

  /** Domain events after a cursor, in so many rows of the books: from the projection alone. */
  events(filter: EventFilter, cursor: string | null, limit: number): Promise<Page<DomainEvent>> {
    return listEvents(this.env, filter, cursor, limit);
  }
}
