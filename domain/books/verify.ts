import { chainHash, GENESIS_HASH, type ChainHead, type ChainRow } from "./chain.ts";
import type { Finding, FindingKind } from "./finding.ts";

/** The row that the next one has to follow, and what else the next one may turn out to follow. */
interface Link {
  sequence: number;
  /** Its hash as it is stored. */
  hash: string;
  /** The hash that it should have, where that is another. */
  computed: string | null;
  /** The hash of the row before it: who follows that one gives this row away as put in. */
  before: string | null;
}

const GENESIS: Link = { sequence: 0, hash: GENESIS_HASH, computed: null, before: null };

/**
 * Verifies one chain row by row, as its rows come: each against the one before, against anchors, in the end
 * against its head. It holds one row in memory. A single row that was changed, put in, taken out or swapped
 * with the next is found at its place; where a row was replaced together with its hash, the next one no
 * longer follows and is named, unless an anchor or the mirror tells better.
 */
export class ChainCheck {
  readonly #chain: string;
  readonly #anchors: readonly ChainHead[];
  #anchorsSeen = 0;
  #isForked = false;
  /** The last row that an anchor stands for, or where this check began. */
  #soundThrough = 0;
  #at: Link | null = GENESIS;

  /** `anchors` are those of this chain, in the order of their sequences. */
  constructor(chain: string, anchors: readonly ChainHead[] = []) {
    this.#chain = chain;
    this.#anchors = anchors;
  }

  /** Begins in the middle: takes the first row that comes as it is. */
  beginAt(after: number): void {
    this.#soundThrough = after;
    if (after > 0) this.#at = null;
    while ((this.#anchors[this.#anchorsSeen]?.sequence ?? Infinity) <= after)
      this.#anchorsSeen += 1;
  }

  /** Where the check stands. */
  get sequence(): number {
    return this.#at?.sequence ?? 0;
  }

  /** What is wrong with the next rows, in their order. */
  add(rows: readonly ChainRow[]): Finding[] {
    const findings: Finding[] = [];
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index];
      if (!row) continue;
      const found = this.#judge(row, rows[index + 1]);
      if (found) findings.push(found);
      // The other of the two is judged with it.
      if (found?.kind === "swapped") index += 1;
      findings.push(...this.#passAnchors());
    }
    return findings;
  }

  /** What is wrong with the chain's end. */
  end(head: Pick<ChainHead, "sequence" | "hash"> | null): Finding[] {
    const { sequence, hash, computed } = this.#at ?? { ...GENESIS, sequence: this.#soundThrough };
    if (head && head.sequence > sequence)
      return [this.#cut(sequence, `Its head is row ${head.sequence}`, "chain")];
    if (head && head.sequence < sequence)
      return [this.#found(head.sequence + 1, "added", "chain", "It is behind the chain's head.")];
    // A row that is wrong itself has been told of.
    if (head && this.#at && head.hash !== hash && computed === null)
      return [this.#found(sequence, "forked", "chain", "The head of the chain is another row.")];
    const gone = this.#anchors.at(-1);
    if (gone && gone.sequence > sequence)
      return [this.#cut(sequence, `Row ${gone.sequence} was anchored`, "anchor")];
    return [];
  }

  #judge(row: ChainRow, next: ChainRow | undefined): Finding | null {
    const { sequence, text, hash } = row;
    const at = this.#at;
    const follows = (previous: string | null): boolean =>
      previous !== null && chainHash(previous, text) === hash;
    if (at === null) {
      this.#at = { sequence, hash, computed: null, before: null };
      return null;
    }
    if (sequence <= at.sequence)
      return this.#found(sequence, "added", "chain", `A row ${sequence} was there before.`);
    const good: Link = { sequence, hash, computed: null, before: at.hash };
    if (sequence > at.sequence + 1) {
      this.#at = { ...good, before: null };
      return this.#missing(at.sequence + 1, sequence - 1);
    }
    if (follows(at.hash) || follows(at.computed)) {
      this.#at = good;
      return null;
    }
    if (follows(at.before)) {
      this.#at = good;
      return this.#found(at.sequence, "added", "chain", "The next row follows the one before it.");
    }
    if (next && isSwapped(at.hash, row, next)) {
      this.#at = { sequence: next.sequence, hash, computed: null, before: null };
      return this.#found(
        sequence,
        "swapped",
        "chain",
        `It stands in the place of row ${next.sequence}.`,
      );
    }
    this.#at = { ...good, computed: chainHash(at.hash, text) };
    const isUnknown = at.computed !== null;
    return isUnknown
      ? this.#found(sequence, "unlinked", "chain", "The row before it is wrong itself.")
      : this.#found(
          sequence,
          "changed",
          "chain",
          "Its hash is not that of its text after the row before it.",
        );
  }

  /** Holds the row that the check stands at against the anchors of it. */
  #passAnchors(): Finding[] {
    const findings: Finding[] = [];
    const { sequence, hash, computed } = this.#at ?? GENESIS;
    for (;;) {
      const anchor = this.#anchors[this.#anchorsSeen];
      if (!anchor || anchor.sequence > sequence) return findings;
      this.#anchorsSeen += 1;
      if (anchor.sequence === sequence && anchor.hash === hash) this.#soundThrough = sequence;
      // What is missing or wrong itself has been told of, and what is behind a fork is another chain's.
      else if (anchor.sequence === sequence && computed === null && !this.#isForked) {
        this.#isForked = true;
        const since = this.#soundThrough + 1;
        const detail = `Row ${sequence} is not the one that was anchored: from here on, or from a row up to it, the chain was written anew.`;
        findings.push(this.#found(since, "forked", "anchor", detail));
      }
    }
  }

  #missing(first: number, last: number): Finding {
    const detail = first === last ? "It is not there." : `Rows ${first} to ${last} are not there.`;
    return this.#found(first, "missing", "chain", detail);
  }

  #cut(sequence: number, fact: string, seenBy: Finding["seenBy"]): Finding {
    return this.#found(
      sequence + 1,
      "cut",
      seenBy,
      `${fact}; the last that is there is row ${sequence}.`,
    );
  }

  #found(sequence: number, kind: FindingKind, seenBy: Finding["seenBy"], detail: string): Finding {
    return { chain: this.#chain, sequence, kind, seenBy, detail };
  }
}

/** Whether two rows are each other's: the second follows what the first should, and the first the second. */
function isSwapped(previous: string, row: ChainRow, next: ChainRow): boolean {
  return (
    chainHash(previous, next.text) === next.hash && chainHash(next.hash, row.text) === row.hash
  );
}
