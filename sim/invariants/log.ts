import type { DatabaseSync } from "node:sqlite";
import { readEntry, type LogEntry } from "../../domain/log/leaf.ts";
import {
  logBinding,
  logOrigin,
  parseLogKeys,
  signCheckpoint,
  verifierKey,
} from "../../domain/log/note.ts";
import { unpackEntries } from "../../domain/log/tile.ts";
import { formatTime } from "../../domain/time.ts";
import { parseVerifierKey, type VerifierKey } from "../../verify/log/note.ts";
import { hashTilesOf, tilePath, TILE_WIDTH } from "../../verify/log/tile.ts";
import { HASH_BYTES, leafHash, MerkleTree } from "../../verify/log/tree.ts";
import { verifyLog } from "../../verify/verify.ts";
import type { Witness } from "../sale/witness.ts";
import { Keys, LOG_KIDS } from "../sale/keys.ts";
import { LOG_SHOP, SALE_ID, type World } from "../sale/world.ts";
import type { Violate } from "./item.ts";
import { numberIn } from "./shuffle.ts";
import { rowOf, rowsOf } from "./tables.ts";

/** A head that was written down. */
interface Head {
  kid: string;
  size: number;
  head: Uint8Array;
}

/** The sale's public log, as its tables have it at the end. */
interface Log {
  bytes: readonly Uint8Array[];
  /** What the tables say are the hashes of their leaves. */
  hashes: Buffer;
  entries: readonly LogEntry[];
  /** By size. */
  heads: ReadonlyMap<number, Uint8Array>;
  newest: Head;
}

const ORIGIN = logOrigin(LOG_SHOP, SALE_ID);

/** What the log says is right, and everything that anybody was told of the line is in it. */
export function checkLog(world: World, witness: Witness, violate: Violate): void {
  const { database } = world.host("QUEUE_SEQUENCER", SALE_ID).storage;
  const log = readLog(database);
  verify(world, log, witness, violate);
  checkHeads(log, witness, violate);
  checkPlaces({ database, hasTwoVersions: world.versions !== null }, log, witness, violate);
  checkAdmissions(database, log, witness, violate);
}

/** The keys of all seeds are the same few. */
const known = new Map<string, VerifierKey>();

function keyOf(text: string): VerifierKey {
  const key = known.get(text) ?? parseVerifierKey(text);
  known.set(text, key);
  return key;
}

function readLog(database: DatabaseSync): Log {
  const rows = rowsOf<{ entries: Uint8Array; hashes: Uint8Array }>(
    database,
    "SELECT entries, hashes FROM log_entry ORDER BY first_index",
  );
  const bytes = rows.flatMap(({ entries }) => unpackEntries(entries));
  const heads = rowsOf<Head>(database, "SELECT kid, size, head FROM log_checkpoint ORDER BY size");
  const newest = heads.at(-1);
  if (!newest) throw new Error("The sale's log has no head.");
  return {
    bytes,
    hashes: Buffer.concat(rows.map(({ hashes }) => hashes)),
    entries: bytes.map((entry) => readEntry(Buffer.from(entry).toString("utf8"))),
    heads: new Map(heads.map(({ size, head }) => [size, head])),
    newest,
  };
}

/** By the verifier that outsiders use: heads, order, draws and admissions, and every receipt that was told. */
function verify(
  world: World,
  { bytes, hashes, newest, heads }: Log,
  witness: Witness,
  violate: Violate,
): void {
  const logKeys = parseLogKeys(Keys.ofLogs(world.plan));
  const signing = logKeys.get(newest.kid);
  if (!signing) throw new Error(`The simulator has no key ${newest.kid}.`);
  const keys = [...logKeys.values()].map((key) => keyOf(verifierKey(ORIGIN, key)));
  if (newest.kid !== LOG_KIDS[0] && heads.size > 1) witness.covered.add("keys.log");
  const leaves = hashTilesOf(newest.size).filter(({ level }) => level === 0);
  const copy = {
    from: ORIGIN,
    savedAt: "",
    keys,
    checkpoint: signCheckpoint(ORIGIN, newest, signing),
    entries: bytes.slice(0, newest.size),
    tiles: new Map(
      leaves.map((name) => {
        const from = name.tile * TILE_WIDTH * HASH_BYTES;
        return [tilePath(name), hashes.subarray(from, from + name.width * HASH_BYTES)];
      }),
    ),
    isLive: true,
  };
  const kept = [
    ...[...witness.receipts].map(([name, receipt]) => {
      return { name, checkpoint: receipt.checkpoint, receipt };
    }),
    ...[...new Set(witness.checkpoints)].map((checkpoint) => ({
      name: "seen",
      checkpoint,
      receipt: null,
    })),
  ];
  for (const { check, entry, says } of verifyLog(copy, keys, kept).findings)
    violate("log.verifies", `${check}, entry ${entry}: ${says}`);
}

/** Each head that was written down is of so many entries, and each that was told was written down. */
function checkHeads({ bytes, heads }: Log, witness: Witness, violate: Violate): void {
  const tree = new MerkleTree();
  for (const entry of bytes) tree.push(leafHash(entry));
  for (const [size, head] of heads)
    if (size > tree.size || !tree.head(size).equals(head))
      violate("log.heads", `the head of ${size} entries is of another log`);
  const notes = new Map<string, string>();
  const told = [...witness.receipts.values()].map(({ checkpoint }) => checkpoint);
  for (const checkpoint of [...told, ...witness.checkpoints]) {
    const [, size = "", head = ""] = checkpoint.split("\n");
    const written = heads.get(Number(size));
    const first = notes.get(size) ?? checkpoint;
    notes.set(size, first);
    if (first !== checkpoint || !written || Buffer.from(written).toString("base64") !== head)
      violate("log.heads", `${JSON.stringify(checkpoint)} was told, and is not written down`);
  }
}

/** Every place that was told has its entry, and its shopper's. */
function checkPlaces(
  { database, hasTwoVersions }: { database: DatabaseSync; hasTwoVersions: boolean },
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
    for (const index of indexes) {
      const named = joined.get(index);
      // Lanes of the version before do not say whose a join is.
      if (named === "" && hasTwoVersions) continue;
      if (named !== logBinding(SALE_ID, binding))
        violate("log.complete", `${index} was told, and the log has ${named}`);
    }
  const { places } = rowOf<{ places: number }>(
    database,
    "SELECT count(*) AS places FROM place",
  ) ?? {
    places: 0,
  };
  if (places !== joined.size)
    violate("log.complete", `${places} places, and ${joined.size} joins in the log`);
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
  const isLapsed = (number: number): boolean =>
    entries.some(
      (entry) => entry.kind === "lapsed" && entry.first <= number && number <= entry.through,
    );
  const claims = rowsOf<{ number: number; claimed_at_ms: number | null; ended: string }>(
    database,
    "SELECT number, claimed_at_ms, ended FROM claim WHERE ended IS NOT NULL",
  );
  // Who lost the turn with others may leave after that, or be sent away: that changes nothing.
  for (const { number, claimed_at_ms: claimedAtMs, ended } of claims)
    if (ends.get(number) !== ended && !(claimedAtMs === null && isLapsed(number)))
      violate("log.complete", `${number} ${ended}, and the log says ${ends.get(number)}`);
  // Who left before a draw is told by a tick after it; where the sale had ended by then there is none any more.
  const untold = new Set(
    rowsOf<{ early_index: number }>(database, "SELECT early_index FROM early_departure").map(
      (row) => row.early_index,
    ),
  );
  for (const index of witness.departed) {
    const number = untold.has(index) ? null : numberIn(database, index);
    if (number !== null && !ends.has(number) && !isLapsed(number))
      violate("log.complete", `${number} has left, and the log does not say it`);
  }
}
