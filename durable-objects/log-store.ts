import { unpackEntries } from "../domain/log/tile.ts";
import { TILE_WIDTH, type TileHash, type Tree } from "../domain/log/tree.ts";

const HASH_BYTES = 32;

/** The tables of a log, for the migrations of the object that keeps it. */
export const LOG_TABLES = `CREATE TABLE log_tree (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     size INTEGER NOT NULL,
     edge BLOB NOT NULL,
     at_ms INTEGER NOT NULL,
     stamp_ms INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE log_entry (
     first_index INTEGER PRIMARY KEY,
     entries BLOB NOT NULL,
     hashes BLOB NOT NULL
   ) STRICT;
   CREATE TABLE log_tile (
     level INTEGER NOT NULL,
     tile INTEGER NOT NULL,
     hashes BLOB NOT NULL,
     PRIMARY KEY (level, tile)
   ) STRICT;
   CREATE TABLE log_checkpoint (
     size INTEGER PRIMARY KEY,
     head BLOB NOT NULL,
     at_ms INTEGER NOT NULL,
     kid TEXT NOT NULL
   ) STRICT;`;

/** Where a log stands: its tree, and the times that nothing goes back behind. */
export interface LogState {
  tree: Tree;
  atMs: number;
  stampMs: number;
}

/** A head that was written down. `kid` names the key that signs it. */
export interface StoredHead {
  size: number;
  head: Uint8Array;
  atMs: number;
  kid: string;
}

interface EntryRow extends Record<string, SqlStorageValue> {
  first_index: number;
  entries: ArrayBuffer;
  hashes: ArrayBuffer;
}

/**
 * A log in its writer's own tables: a row a commit with what was added and its hashes, a row a tile from
 * the first level up, and the heads. Tiles of level 0 are cut out of the rows.
 */
export class LogStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  /** Where the log stands; `null` where there is none. */
  state(): LogState | null {
    const [row] = this.#sql
      .exec<{ size: number; edge: ArrayBuffer; at_ms: number; stamp_ms: number }>(
        "SELECT size, edge, at_ms, stamp_ms FROM log_tree",
      )
      .toArray();
    if (!row) return null;
    const edge = hashesIn(row.edge);
    return { tree: { size: row.size, edge }, atMs: row.at_ms, stampMs: row.stamp_ms };
  }

  writeState({ tree, atMs, stampMs }: LogState): void {
    this.#sql.exec(
      `INSERT INTO log_tree (id, size, edge, at_ms, stamp_ms) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET size = excluded.size, edge = excluded.edge,
         at_ms = excluded.at_ms, stamp_ms = excluded.stamp_ms`,
      tree.size,
      joined(tree.edge),
      atMs,
      stampMs,
    );
  }

  /** Writes packed entries from `firstIndex` on, with the hashes of their leaves, in one row. */
  writeEntries(firstIndex: number, packed: Uint8Array, hashes: Uint8Array[]): void {
    this.#sql.exec(
      "INSERT INTO log_entry (first_index, entries, hashes) VALUES (?, ?, ?)",
      firstIndex,
      bufferOf(packed),
      joined(hashes),
    );
  }

  /** Writes a hash at the end of its tile, of the first level or a higher one. */
  writeTileHash({ level, index, hash }: TileHash): void {
    const tile = Math.floor(index / TILE_WIDTH);
    this.#sql.exec(
      `INSERT INTO log_tile (level, tile, hashes) VALUES (?, ?, ?)
       ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes`,
      level,
      tile,
      joined([...this.tileHashes(level, tile), hash]),
    );
  }

  /** What a tile of the first level or a higher one has so far. */
  tileHashes(level: number, tile: number): Uint8Array[] {
    const [row] = this.#sql
      .exec<{ hashes: ArrayBuffer }>(
        "SELECT hashes FROM log_tile WHERE level = ? AND tile = ?",
        level,
        tile,
      )
      .toArray();
    return row ? hashesIn(row.hashes) : [];
  }

  /** Entries from `first` on, at most `count`, with the hashes of their leaves. */
  entries(first: number, count: number): { entry: Uint8Array; hash: Uint8Array }[] {
    const rows = this.#sql.exec<EntryRow>(
      `SELECT * FROM log_entry WHERE first_index < ? AND first_index >=
         (SELECT coalesce(max(first_index), 0) FROM log_entry WHERE first_index <= ?)
       ORDER BY first_index`,
      first + count,
      first,
    );
    const found: { entry: Uint8Array; hash: Uint8Array }[] = [];
    for (const row of rows) {
      const hashes = hashesIn(row.hashes);
      for (const [offset, entry] of unpackEntries(new Uint8Array(row.entries)).entries()) {
        const index = row.first_index + offset;
        const hash = hashes[offset];
        if (hash && index >= first && index < first + count) found.push({ entry, hash });
      }
    }
    return found;
  }

  /** The entries that were added together with this one, and where the first of them stands. */
  rowOf(index: number): { firstIndex: number; entries: Uint8Array[] } | null {
    const [row] = this.#sql
      .exec<{ first_index: number; entries: ArrayBuffer }>(
        `SELECT first_index, entries FROM log_entry WHERE first_index <= ?
         ORDER BY first_index DESC LIMIT 1`,
        index,
      )
      .toArray();
    if (!row) return null;
    return { firstIndex: row.first_index, entries: unpackEntries(new Uint8Array(row.entries)) };
  }

  /** Writes a head; the one that was written first for its size stands. */
  writeHead({ size, head, atMs, kid }: StoredHead): void {
    this.#sql.exec(
      "INSERT OR IGNORE INTO log_checkpoint (size, head, at_ms, kid) VALUES (?, ?, ?, ?)",
      size,
      bufferOf(head),
      atMs,
      kid,
    );
  }

  /** The newest head; `null` before the first. */
  newestHead(): StoredHead | null {
    return this.#head("SELECT * FROM log_checkpoint ORDER BY size DESC LIMIT 1");
  }

  /** The smallest head of a size in this range; `null` when there is none. */
  headWithin(sizeMin: number, sizeMax: number): StoredHead | null {
    return this.#head(
      "SELECT * FROM log_checkpoint WHERE size BETWEEN ? AND ? ORDER BY size LIMIT 1",
      sizeMin,
      sizeMax,
    );
  }

  #head(query: string, ...bound: number[]): StoredHead | null {
    const [row] = this.#sql
      .exec<{ size: number; head: ArrayBuffer; at_ms: number; kid: string }>(query, ...bound)
      .toArray();
    if (!row) return null;
    return { size: row.size, head: new Uint8Array(row.head), atMs: row.at_ms, kid: row.kid };
  }
}

function joined(hashes: readonly Uint8Array[]): ArrayBuffer {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [index, hash] of hashes.entries()) bytes.set(hash, index * HASH_BYTES);
  return bytes.buffer;
}

function hashesIn(joined: ArrayBuffer): Uint8Array[] {
  const count = joined.byteLength / HASH_BYTES;
  return Array.from(
    { length: count },
    (_, index) => new Uint8Array(joined, index * HASH_BYTES, HASH_BYTES),
  );
}

/** The bytes alone: a hash may be a part of a larger buffer. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer, length } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === length
    ? buffer
    : bytes.slice().buffer;
}
