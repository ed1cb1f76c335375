import type { ChainRow } from "./chain.ts";
import type { Finding, FindingKind } from "./finding.ts";

/** A row of a chain as the database has it; rows that an older version wrote have no hash. */
export interface MirrorRow extends Pick<ChainRow, "sequence" | "text"> {
  hash: string | null;
}

/**
 * Holds rows of a chain against those that the database has of the same stretch, both in order. What the
 * projection has not acknowledged (`mirroredThrough`) need not be there yet; what is there has to be the same.
 */
export function compareMirror(
  chain: string,
  rows: readonly ChainRow[],
  mirror: readonly MirrorRow[],
  mirroredThrough: number,
): Finding[] {
  const findings: Finding[] = [];
  const found = (sequence: number, kind: FindingKind, detail: string): void => {
    findings.push({ chain, sequence, kind, seenBy: "mirror", detail });
  };
  const bySequence = new Map(mirror.map((row) => [row.sequence, row]));
  let isForked = false;
  let missing: { first: number; last: number } | null = null;
  const tellMissing = (): void => {
    if (missing === null) return;
    const { first, last } = missing;
    const which = first === last ? `row ${first}` : `rows ${first} to ${last}`;
    found(first, "missing", `The database has lost ${which}.`);
    missing = null;
  };
  for (const [index, row] of rows.entries()) {
    const { sequence, text, hash } = row;
    const copy = bySequence.get(sequence);
    bySequence.delete(sequence);
    if (!copy && sequence <= mirroredThrough) {
      if (missing?.last === sequence - 1) missing.last = sequence;
      else {
        tellMissing();
        missing = { first: sequence, last: sequence };
      }
    }
    if (!copy) continue;
    const isOther = copy.hash !== null && copy.hash !== hash;
    if (isOther && !isForked && goesOnOtherwise(rows[index + 1], bySequence)) {
      isForked = true;
      found(sequence, "forked", "From here on the chain is not the one that the database has.");
    } else if (copy.text !== text || (isOther && !isForked))
      found(sequence, "changed", "The chain and the database have it differently.");
    isForked &&= isOther;
  }
  tellMissing();
  let before = -1;
  for (const sequence of bySequence.keys()) {
    if (sequence !== before + 1)
      found(sequence, "added", "The database has a row here that the chain has not.");
    before = sequence;
  }
  return findings;
}

/** Whether the next row differs by its hash, too: then it is no single row. */
function goesOnOtherwise(
  next: ChainRow | undefined,
  mirror: ReadonlyMap<number, MirrorRow>,
): boolean {
  const copy = next && mirror.get(next.sequence);
  return !copy || (copy.hash !== null && copy.hash !== next.hash);
}
