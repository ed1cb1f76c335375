import { chainHash, GENESIS_HASH, type ChainHead, type ChainRow } from "../chain.ts";

/** The rows of a chain of these texts; from a row on, if wanted. */
export function chainOf(texts: readonly string[], from: readonly ChainRow[] = []): ChainRow[] {
  const rows = [...from];
  for (const text of texts) {
    const hash = chainHash(rows.at(-1)?.hash ?? GENESIS_HASH, text);
    rows.push({ sequence: rows.length + 1, text, hash });
  }
  return rows;
}

/** Where a chain of these rows stands. */
export function headOf(chain: string, rows: readonly ChainRow[]): ChainHead {
  const { sequence, hash } = rows.at(-1) ?? { sequence: 0, hash: GENESIS_HASH };
  return { chain, sequence, hash };
}

/** Rows with sequences from 1 on, as somebody would write them who wants no gap. */
export function renumbered(rows: readonly ChainRow[]): ChainRow[] {
  return rows.map((row, index) => ({ ...row, sequence: index + 1 }));
}
