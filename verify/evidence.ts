import { Unreadable, type Check, type Findings } from "./finding.ts";
import { openCheckpoint, type Checkpoint } from "./log/note.ts";
import { provesConsistency, provesInclusion } from "./log/proof.ts";
import { leafHash, type MerkleTree } from "./log/tree.ts";
import { checkpointIn } from "./source/file.ts";

/** What somebody has kept of the same log: a checkpoint, or a receipt. `name` is what it is called in findings. */
export interface Kept {
  name: string;
  checkpoint: string;
  /** The entry's text and its place, where it is a receipt. */
  receipt: { leaf: string; index: number } | null;
}

/**
 * A checkpoint as it was served, or the copy of a log with one at its beginning.
 *
 * @throws Unreadable when it is neither.
 */
export function keptCheckpoint(name: string, text: string): Kept {
  const checkpoint = checkpointIn(text) ?? text;
  sizeOf(name, checkpoint);
  return { name, checkpoint, receipt: null };
}

/**
 * A receipt, or an answer of the shop that has one.
 *
 * @throws Unreadable when it is neither.
 */
export function keptReceipt(name: string, text: string): Kept {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    throw new Unreadable(`${name} is no JSON`);
  }
  const { receipt = told } = (told ?? {}) as { receipt?: unknown };
  const { leaf, index, checkpoint } = (receipt ?? {}) as Record<string, unknown>;
  if (typeof leaf !== "string" || typeof checkpoint !== "string" || !Number.isSafeInteger(index))
    throw new Unreadable(`${name} is no receipt: it needs leaf, index and checkpoint`);
  sizeOf(name, checkpoint);
  return { name, checkpoint, receipt: { leaf, index: Number(index) } };
}

/** The size that the kept checkpoint tells. */
export function keptSize({ name, checkpoint }: Kept): number {
  return sizeOf(name, checkpoint);
}

function sizeOf(name: string, checkpoint: string): number {
  try {
    return openCheckpoint(checkpoint, []).size;
  } catch (error) {
    throw new Unreadable(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What kept checkpoints and receipts are held against. */
export interface Published {
  origin: string;
  /** Opens a checkpoint by the keys that are trusted. */
  open: (checkpoint: string) => Checkpoint;
  tree: MerkleTree;
  entries: readonly Uint8Array[];
  isLive: boolean;
}

/**
 * Whether the log is what it was when somebody kept this of it.
 *
 * @throws Unreadable when a copy is older than what is held against it.
 */
export function checkKept(kept: Kept, published: Published, findings: Findings): void {
  const { name, checkpoint, receipt } = kept;
  const check: Check = receipt ? "receipts" : "earlier heads";
  const add = (says: string): void => findings.add(check, receipt?.index ?? null, says);
  const { origin, open, tree, isLive } = published;
  const earlier = open(checkpoint);
  if (earlier.origin !== origin) return add(`${name} is of another log: ${earlier.origin}`);
  if (!earlier.signedBy) add(`${name} is not signed by a key of the log`);
  if (receipt) checkReceipt(name, receipt, earlier, published, add);
  if (earlier.size > tree.size) {
    if (!isLive)
      throw new Unreadable(
        `${name} is of ${earlier.size} entries and newer than the copy, which has ${tree.size}`,
      );
    return add(`${name} is of ${earlier.size} entries: the log was cut to ${tree.size}`);
  }
  const now = { size: tree.size, head: tree.head() };
  const path = tree.consistencyProof(earlier.size, tree.size);
  if (!provesConsistency(earlier, now, path))
    add(`${name} is a head of ${earlier.size} entries that this log never had: it was forked`);
}

function checkReceipt(
  name: string,
  { leaf, index }: { leaf: string; index: number },
  { size, head }: Checkpoint,
  { tree, entries }: Published,
  add: (says: string) => void,
): void {
  if (index < 0 || index >= size) return add(`${name} is of an entry that its head does not cover`);
  const entry = entries[index];
  if (!entry || size > tree.size) return;
  if (Buffer.compare(entry, Buffer.from(leaf)) !== 0)
    add(`${name} is of another entry than the log has at its place`);
  if (
    !provesInclusion(leafHash(Buffer.from(leaf)), index, tree.inclusionProof(index, size), {
      size,
      head,
    })
  )
    add(`${name} is of an entry that the head it names does not contain`);
}
