/** The books as the shop's HTTP interface shows them to staff. Times are RFC 3339 text. */
import type { BooksFigures, Difference } from "../../../domain/books/reconcile.ts";

/** How the books of one article compared, and when. */
export interface Compared {
  readonly sku: string;
  readonly at: string;
  readonly ok: boolean;
  /** Differences, all of them. */
  readonly count: number;
  readonly figures: BooksFigures;
}

/** How they compare now. */
export interface ComparedNow extends Omit<Compared, "at"> {
  readonly differences: readonly Difference[];
}

/** Something that needs a person, and is no order's payment. */
export interface AttentionItem {
  readonly itemId: string;
  readonly kind: string;
  readonly saleId?: string;
  readonly sku?: string;
  readonly detail: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly resolvedAt?: string;
}

/** One fact of a chain. */
export interface HistoryRow {
  readonly sequence: number;
  readonly at: string;
  readonly type: string;
  readonly actor?: string;
  readonly reason?: string;
  readonly action: Readonly<Record<string, unknown>>;
}

/** What a part of the proof has found; `cursor` leads to the next part. */
export interface Verified {
  readonly ok: boolean;
  readonly chains: number;
  readonly rows: number;
  readonly findings: readonly {
    readonly chain: string;
    readonly sequence: number;
    readonly detail: string;
  }[];
  readonly cursor?: string;
}
