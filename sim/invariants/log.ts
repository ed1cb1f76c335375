import type { DatabaseSync } from "node:sqlite";
import { parseVerifierKey, openCheckpoint, type VerifierKey } from "../../verify/log/note.ts";
import { leafHash, MerkleTree } from "../../verify/log/tree.ts";
import { logBinding, logOrigin, parseLogKeys, verifierKey } from "../../domain/log/note.ts";
import { readEntry, type LogEntry } from "../../domain/log/leaf.ts";
import { unpackEntries } from "../../domain/log/tile.ts";
import type { Receipt } from "../../domain/log/receipt.ts";
import { formatTime } from "../../domain/time.ts";
import type { Witness } from "../sale/witness.ts";
import { LOG_KEYS, LOG_SHOP, SALE_ID, type World } from "../sale/world.ts";
import type { Violate } from "./item.ts";
import { numberIn } from "./shuffle.ts";
import { rowsOf } from "./tables.ts";

/** The sale's public log, as its tables have it at the end. */
interface Log {
  texts: readonly string[];
  entries: readonly LogEntry[];
  tree: MerkleTree;
  key: VerifierKey;
}

/** Everything that anybody was told of the line is in its log, and the log is what its heads say. */
export function checkLog(world: World, witness: Witness, violate: Violate): void {
  const { database } = world.host("QUEUE_SEQUENCER", SALE_ID).storage;
  const log = readLog(database);
  checkHeads(database, log, violate);
  for (const receipt of witness.receipts.values()) checkReceipt(receipt, log, violate);
  checkPlaces(database, log, witness, violate);
  checkAdmissions(database, log, witness, violate);
}

function readLog(database: DatabaseSync): Log {
  const tree = new MerkleTree();
  const texts: string[] = [];
  const rows = rowsOf<{ entries: Uint8Array }>(
    database,
    "SELECT entries FROM log_entry ORDER BY first_index",
  );
  for (const row of rows)
    for (const bytes of unpackEntries(row.entries)) {
      tree.push(leafHash(bytes));
      texts.push(Buffer.from(bytes).toString("utf8"));
    }
  const [key] = parseLogKeys(LOG_KEYS).values();
  if (!key) throw new Error("The simulator has no key.");
  return {
    texts,
    entries: texts.map(readEntry),
    tree,
    key: parseVerifierKey(verifierKey(logOrigin(LOG_SHOP, SALE_ID), key)),
  };
}

/** Each head that was written down is that of so many entries; the newest covers whatever was told. */
function checkHeads(database: DatabaseSync, { tree }: Log, violate: Violate): void {
  const heads = rowsOf<{ size: number; head: Uint8Array }>(
    database,
    "SELECT size, head FROM log_checkpoint",
  );
  for (const { size, head } of heads)
    if (size > tree.size || !tree.head(size).equals(head))
      violate("log.heads", `the head of ${size} entries is of another log`);
}

/** A receipt that was told is signed, and the log goes on from the one that it is of. */
function checkReceipt(
  { leaf, index, checkpoint }: Receipt,
  { texts, tree, key }: Log,
  violate: Violate,
): void {
  const { size, head, signedBy } = openCheckpoint(checkpoint, [key]);
  const isCovered = signedBy !== null && index < size && size <= tree.size;
  if (!isCovered || texts[index] !== leaf || !tree.head(size).equals(head))
    violate("log.receipts", `entry ${index} of ${size}: ${leaf}; there is ${texts[index]}`);
}

/** Every place that was told has its entry, and its shopper's. */
function checkPlaces(
  database: DatabaseSync,
  { entries }: Log,
  witness: Witness,
  violate: Violate,
): void {
  const joined = new Map(
    entries.flatMap((entry) =>
      entry.kind === "joined" ? [[entry.index ?? entry.number, entry.binding]] : [],
    ),
  );
  for (const [binding, indexes] of witness.indexes)
    for (const index of indexes)
      if (joined.get(index) !== logBinding(SALE_ID, binding))
        violate("log.complete", `${index} was told, and the log has ${joined.get(index)}`);
  const [counted] = rowsOf<{ places: number }>(database, "SELECT count(*) AS places FROM place");
  if (counted?.places !== joined.size)
    violate("log.complete", `${counted?.places} places and ${joined.size} joins in the log`);
}

/** Every pass that was told, and how each turn ended, has its entry. */
function checkAdmissions(
  database: DatabaseSync,
  { entries }: Log,
  witness: Witness,
  violate: Violate,
): void {
  const passes = new Set<string>();
  const ends = new Map<number, string>();
  for (const entry of entries)
    if (entry.kind === "granted" || entry.kind === "renewed")
      passes.add(`${entry.number} ${formatTime(entry.expiresAtMs)}`);
    else if (entry.kind === "over") ends.set(entry.number, entry.how);
  for (const pass of witness.passes)
    if (!passes.has(pass)) violate("log.complete", `the log knows no pass of ${pass}`);
  const claims = rowsOf<{ number: number; ended: string }>(
    database,
    "SELECT number, ended FROM claim WHERE ended IS NOT NULL",
  );
  for (const { number, ended } of claims)
    if (ends.get(number) !== ended)
      violate("log.complete", `${number} ${ended}, and the log says ${ends.get(number)}`);
  for (const index of witness.departed) {
    const number = numberIn(database, index);
    if (number !== null && !ends.has(number) && !isLapsed(number, entries))
      violate("log.complete", `${number} has left, and the log does not say it`);
  }
}

/** Whoever is called lapsed with others may have left before that, unheard. */
function isLapsed(number: number, entries: readonly LogEntry[]): boolean {
  return entries.some(
    (entry) => entry.kind === "lapsed" && entry.first <= number && number <= entry.through,
  );
}
