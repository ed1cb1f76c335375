import { checkKept, type Kept } from "./evidence.ts";
import { Findings, type Finding } from "./finding.ts";
import { openCheckpoint, type Checkpoint, type VerifierKey } from "./log/note.ts";
import { hashTilesOf, heightOf, tilePath, TILE_WIDTH } from "./log/tile.ts";
import { HASH_BYTES, leafHash, MerkleTree } from "./log/tree.ts";
import type { Progress } from "./progress.ts";
import { Rules } from "./rules/rules.ts";
import type { LogCopy } from "./source/copy.ts";

/** What the check of a log came to. */
export interface Verdict {
  checkpoint: Checkpoint;
  sale: string;
  areKeysGiven: boolean;
  /** What the entries told. */
  rules: Rules;
  /** How many tiles were compared, and how many kept checkpoints and receipts. */
  tiles: number;
  kept: number;
  findings: readonly Finding[];
  /** All of them; of very many only the first are in `findings`. */
  findingCount: number;
}

/** The last part of a log's name is the sale's. */
const ORIGIN = /\/sales\/([^/]+)$/;

/**
 * Checks everything about a copy of a log, and what was kept of it against it.
 *
 * @param keys whose signature counts; without them the keys of the copy itself.
 * @throws Unreadable when it cannot be checked at all.
 */
export function verifyLog(
  copy: LogCopy,
  keys: readonly VerifierKey[],
  kept: readonly Kept[],
  progress: Progress = () => {},
): Verdict {
  const findings = new Findings();
  const trusted = keys.length > 0 ? keys : copy.keys;
  const open = opener(trusted);
  const checkpoint = open(copy.checkpoint);
  if (!checkpoint.signedBy)
    findings.add("signature", null, "the checkpoint is not signed by a key of the log");
  const sale = saleOf(checkpoint.origin, copy.from, findings);
  const tree = new MerkleTree();
  const rules = new Rules(findings, sale);
  for (const entry of copy.entries) {
    tree.push(leafHash(entry));
    rules.add(entry);
    progress("checked", rules.count, copy.entries.length);
  }
  rules.end();
  const tiles = checkTiles(copy, tree, findings);
  checkHead(checkpoint, tree, findings);
  const { origin } = checkpoint;
  const { entries, isLive } = copy;
  for (const one of kept) checkKept(one, { origin, open, tree, entries, isLive }, findings);
  return {
    checkpoint,
    sale,
    areKeysGiven: keys.length > 0,
    rules,
    tiles,
    kept: kept.length,
    findings: findings.kept,
    findingCount: findings.count,
  };
}

/** Opens each checkpoint once: of those who came together all receipts have the same. */
function opener(keys: readonly VerifierKey[]): (text: string) => Checkpoint {
  const opened = new Map<string, Checkpoint>();
  return (text) => {
    const known = opened.get(text) ?? openCheckpoint(text, keys);
    opened.set(text, known);
    return known;
  };
}

/** The sale that the log's name tells, which has to be the one that was asked for. */
function saleOf(origin: string, from: string, findings: Findings): string {
  const sale = decoded(ORIGIN.exec(origin)?.[1]);
  const asked = decoded(/\/sales\/([^/]+)\/fairness$/.exec(from)?.[1]);
  if (sale === null) findings.add("signature", null, `the log's name "${origin}" names no sale`);
  else if (asked !== null && asked !== sale)
    findings.add("signature", null, `the checkpoint is of another sale: ${origin}`);
  return sale ?? "";
}

function decoded(encoded: string | undefined): string | null {
  try {
    return encoded === undefined ? null : decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

function checkHead({ size, head }: Checkpoint, tree: MerkleTree, findings: Findings): void {
  if (size !== tree.size)
    findings.add("head", null, `the head is of ${size} entries, and ${tree.size} are published`);
  else if (!head.equals(tree.head()))
    findings.add("head", null, "the entries do not make the head that is signed");
}

/** Whether published tiles have the hashes of the entries; how many there are. */
function checkTiles({ tiles }: LogCopy, tree: MerkleTree, findings: Findings): number {
  let compared = 0;
  for (const tile of hashTilesOf(tree.size)) {
    const path = tilePath(tile);
    const published = tiles.get(path);
    if (!published || tile.level === "entries") continue;
    compared += 1;
    const first = tile.tile * TILE_WIDTH;
    const hashes = tree.hashes(heightOf(tile.level), first, tile.width);
    if (hashes.equals(published)) continue;
    const at = firstDifference(hashes, published);
    const entry = tile.level === 0 ? first + at : null;
    findings.add(
      "tiles",
      entry,
      `${path} has another hash in its place ${at} than the entries make`,
    );
  }
  return compared;
}

function firstDifference(hashes: Uint8Array, published: Uint8Array): number {
  const at = hashes.findIndex((byte, index) => byte !== published[index]);
  return Math.floor((at < 0 ? hashes.length : at) / HASH_BYTES);
}
