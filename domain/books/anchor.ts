import { sha256Hex } from "../hash.ts";
import type { ChainHead } from "./chain.ts";

/** The detail of an `anchored` entry: where chains stood together, by name, and one hash of all that. */
export interface Anchor {
  heads: ChainHead[];
  root: string;
}

/**
 * Heads of one entry: some 200 bytes each, and an entry has to fit into one message of 128 KB
 * (developers.cloudflare.com/queues/platform/limits).
 */
export const ANCHOR_MAX_HEADS = 400;

/** What has become of chains since they were anchored. */
export interface Movement {
  /** They stand further: to be anchored. */
  moved: ChainHead[];
  /** They stand elsewhere, and not further: no writer does that. What was anchored stays the truth. */
  behind: ChainHead[];
}

/** Holds heads against where each chain was anchored last. */
export function movementOf(
  heads: readonly ChainHead[],
  lastOf: (chain: string) => Pick<ChainHead, "sequence" | "hash"> | null,
): Movement {
  const moved: ChainHead[] = [];
  const behind: ChainHead[] = [];
  for (const head of heads) {
    const last = lastOf(head.chain);
    if (last === null || head.sequence > last.sequence) moved.push(head);
    else if (head.sequence < last.sequence || head.hash !== last.hash) behind.push(head);
  }
  return { moved, behind };
}

/** Anchors of these heads, as many as it takes. */
export function anchorsOf(heads: readonly ChainHead[]): Anchor[] {
  const sorted = heads.toSorted((a, b) => (a.chain < b.chain ? -1 : 1));
  const anchors: Anchor[] = [];
  for (let from = 0; from < sorted.length; from += ANCHOR_MAX_HEADS) {
    const part = sorted.slice(from, from + ANCHOR_MAX_HEADS);
    anchors.push({ heads: part, root: anchorRoot(part) });
  }
  return anchors;
}

/** SHA-256 of the heads, a line each, in their order: `<chain> <sequence> <hash>`. */
export function anchorRoot(heads: readonly ChainHead[]): string {
  return sha256Hex(
    heads.map(({ chain, sequence, hash }) => `${chain} ${sequence} ${hash}\n`).join(""),
  );
}

/**
 * Where the part of a long list begins whose turn it is, by a number that grows by one from turn to turn: after
 * as many turns as there are parts everybody has had one.
 */
export function partInTurn(count: number, partMax: number, turn: number): number {
  const parts = Math.max(1, Math.ceil(count / partMax));
  return (turn % parts) * partMax;
}
