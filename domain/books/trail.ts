import type { Actor } from "./actor.ts";

/** Everything that is written in the chain of a sale … */
export type SaleTrailType =
  | "created"
  | "started"
  | "ended"
  | "commanded"
  | "changed"
  | "adjusted"
  | "revoked"
  | "randomness_brought";

/** … and in the shop's. */
export type ShopTrailType =
  | "product_created"
  | "product_changed"
  | "sale_created"
  | "sale_renamed"
  | "anchored"
  | "differed"
  | "attention_resolved"
  | "attention_retried"
  | "tables_restored";

/** One fact of a chain that is not an item's. */
export interface TrailEntry extends Actor {
  /** Version of this shape. */
  v: 1;
  sequence: number;
  atMs: number;
  type: SaleTrailType | ShopTrailType;
  /** What was done: plain JSON. */
  detail: Record<string, unknown>;
}

/** A page of such a chain on its way to the projection: `entries` are `fromSequence` and those after it. */
export interface TrailPage {
  chain: string;
  fromSequence: number;
  entries: TrailEntry[];
  /** The hash of each entry, as its writer stored it. */
  hashes: string[];
}

/** The text of an entry as it is stored and hashed, once; what is read back is never encoded again. */
export function encodeTrailEntry(entry: TrailEntry): string {
  const { v, sequence, atMs, type, actor, reason, detail } = entry;
  const { address, device, traceparent } = entry;
  return JSON.stringify({
    v,
    sequence,
    atMs,
    type,
    actor,
    reason,
    detail,
    address,
    device,
    traceparent,
  });
}
