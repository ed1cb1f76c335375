import { anchorRoot, type Anchor } from "./anchor.ts";
import { factIn, SHOP_CHAIN, type ChainHead, type ChainRow } from "./chain.ts";
import type { Finding } from "./finding.ts";
import type { TrailEntry } from "./trail.ts";
import { ChainCheck } from "./verify.ts";

/*
 * All chains of a shop as lines of JSON: a chain's rows, then its head; the shop's own chain first, with the
 * anchors of the others; `end` last.
 */

export type ExportLine =
  | ({ kind: "row"; chain: string } & ChainRow)
  | ({ kind: "head" } & ChainHead)
  /** Where the next page of it begins; only on the way. */
  | { kind: "next"; cursor: string }
  | { kind: "end" };

/** Stands for a chain where it is the export that is wrong, by the line. */
const EXPORT = "export";

/** One line, with its line break. */
export function encodeLine(line: ExportLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** A line as it was written; `null` for what is none. */
export function decodeLine(text: string): ExportLine | null {
  const line = factIn(text);
  if (typeof line !== "object" || line === null || !("kind" in line)) return null;
  const { kind, chain, sequence, hash, text: rowText, cursor } = line as Record<string, unknown>;
  const isPlaced =
    typeof chain === "string" && Number.isSafeInteger(sequence) && typeof hash === "string";
  const isWhole =
    kind === "end" ||
    (kind === "next" && typeof cursor === "string") ||
    (kind === "head" && isPlaced) ||
    (kind === "row" && isPlaced && typeof rowText === "string");
  return isWhole ? (line as ExportLine) : null;
}

/** The anchors that an entry of the shop's chain has; `null` when it is another entry. */
export function anchorIn(text: string): Anchor | null {
  const entry = factIn(text) as TrailEntry | null;
  if (entry?.type !== "anchored") return null;
  const { heads, root } = Object(entry.detail) as Partial<Anchor>;
  return Array.isArray(heads) && typeof root === "string" ? { heads, root } : null;
}

/** What is wrong with an anchor in itself: somebody has changed its heads, or their root. */
export function checkRoot(sequence: number, { heads, root }: Anchor): Finding[] {
  if (anchorRoot(heads) === root) return [];
  const detail = "The root of its anchors is not that of its heads.";
  return [{ chain: SHOP_CHAIN, sequence, kind: "changed", seenBy: "anchor", detail }];
}

/**
 * Verifies an export line by line, and holds nothing of it but the anchors. What was exported before stands for all
 * that was written up to then, the shop's own chain included, which nobody else anchors.
 */
export class ExportCheck {
  readonly #anchors = new Map<string, ChainHead[]>();
  readonly #seen = new Set<string>();
  #lines = 0;
  #rows = 0;
  #chain: string | null = null;
  #check = new ChainCheck("");
  #hasEnded = false;

  /** `known` are the heads of an earlier export. */
  constructor(known: Iterable<ChainHead> = []) {
    for (const head of known) this.#anchor(head);
  }

  /** Rows and whole chains so far. */
  get counts(): { rows: number; chains: number } {
    return { rows: this.#rows, chains: this.#seen.size };
  }

  /** What is wrong with the next line. */
  add(text: string): Finding[] {
    this.#lines += 1;
    const line = decodeLine(text);
    if (line === null) return [this.#unreadable()];
    switch (line.kind) {
      case "row":
        return [...this.#turnTo(line.chain), ...this.#row(line)];
      case "head":
        return [...this.#turnTo(line.chain), ...this.#close(line)];
      case "end":
        this.#hasEnded = true;
        return this.#turnTo(null);
      case "next":
        return [];
    }
  }

  /** What is wrong with the whole: to be called after the last line. */
  end(): Finding[] {
    const findings = this.#turnTo(null);
    for (const [chain, anchors] of this.#anchors)
      if (!this.#seen.has(chain)) findings.push(...new ChainCheck(chain, anchors).end(null));
    if (!this.#hasEnded) {
      const detail = "The export breaks off here: its last line is missing.";
      findings.push({
        chain: EXPORT,
        sequence: this.#lines + 1,
        kind: "cut",
        seenBy: "chain",
        detail,
      });
    }
    return findings;
  }

  #row({ chain, sequence, text, hash }: { chain: string } & ChainRow): Finding[] {
    this.#rows += 1;
    const findings = this.#check.add([{ sequence, text, hash }]);
    if (chain !== SHOP_CHAIN) return findings;
    const anchor = anchorIn(text);
    if (!anchor) return findings;
    for (const head of anchor.heads) this.#anchor(head);
    return [...findings, ...checkRoot(sequence, anchor)];
  }

  #anchor(head: ChainHead): void {
    const anchors = this.#anchors.get(head.chain) ?? [];
    anchors.push(head);
    this.#anchors.set(head.chain, anchors);
  }

  /** Begins a chain; one that had no head before it is not whole. */
  #turnTo(chain: string | null): Finding[] {
    if (chain === this.#chain) return [];
    const left = this.#chain;
    const { sequence } = this.#check;
    const detail = "The export has no head of it.";
    const findings: Finding[] =
      left === null
        ? []
        : [{ chain: left, sequence: sequence + 1, kind: "cut", seenBy: "chain", detail }];
    this.#chain = chain;
    if (chain !== null) {
      this.#seen.add(chain);
      const anchors = this.#anchors.get(chain) ?? [];
      this.#check = new ChainCheck(
        chain,
        anchors.toSorted((one, other) => one.sequence - other.sequence),
      );
    }
    return findings;
  }

  #close(head: ChainHead): Finding[] {
    this.#chain = null;
    return this.#check.end(head);
  }

  #unreadable(): Finding {
    const detail = `Line ${this.#lines} of the export cannot be read.`;
    return { chain: EXPORT, sequence: this.#lines, kind: "unreadable", seenBy: "chain", detail };
  }
}
