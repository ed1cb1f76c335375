import { assert } from "../domain/assert.ts";
import { entryText, readEntry, type LogEvent } from "../domain/log/leaf.ts";
import { logOrigin, signCheckpoint, type LogKey, type LogKeys } from "../domain/log/note.ts";
import {
  packEntries,
  packTexts,
  tileWidth,
  unpackEntries,
  type TileName,
} from "../domain/log/tile.ts";
import {
  append,
  EMPTY_TREE,
  headOf,
  leafHash,
  TILE_HEIGHT,
  TILE_WIDTH,
} from "../domain/log/tree.ts";
import { LogStore, type LogState, type StoredHead } from "./log-store.ts";
import type { Runtime } from "./runtime.ts";

/** While the log grows there is a head at least this often. */
const HEAD_EVERY_MS = 1_000;
/** Entries of one row: some 400 kB, where a row has room for 2 MB. */
const ROW_MAX_ENTRIES = 2_000;
/** Entries of one answer. */
const PAGE_MAX_ENTRIES = 2_000;

export interface SaleLogPorts {
  storage: DurableObjectStorage;
  runtime: Pick<Runtime, "now">;
  /** The shop's name: the first part of every log's origin. */
  shop: string;
  keys: LogKeys;
}

/** An entry that is on its way into the log, and where it will stand. */
export interface Logged {
  index: number;
  text: string;
}

/** A part of a log, and how much of the log a checkpoint covers. */
export interface LogPage {
  size: number;
  /** The texts of entries. */
  entries: string[];
}

/**
 * The public log of a sale: what happens in the line, in an append-only Merkle tree, written in the very
 * transaction of what it tells. A sale from before there were logs has none, and everything here does
 * nothing for it.
 */
export class SaleLog {
  readonly #ports: SaleLogPorts;
  readonly #store: LogStore;
  /** What the running transaction adds. */
  readonly #staged: string[] = [];
  #depth = 0;
  /** Where the log stood when the running transaction first asked. */
  #base: LogState | null = null;
  #sealed = false;
  #sale: string | null = null;
  /** The newest checkpoint that was signed since the object woke. */
  #signed: { size: number; note: string } | null = null;

  constructor(ports: SaleLogPorts) {
    this.#ports = ports;
    this.#store = new LogStore(ports.storage);
  }

  /**
   * The storage's own `transactionSync`, which at its end writes what was noted in it. A part that throws
   * takes back what it noted.
   */
  transactionSync<Result>(run: () => Result): Result {
    const noted = this.#staged.length;
    const before = { base: this.#base && { ...this.#base }, sealed: this.#sealed };
    const isOutermost = this.#depth === 0;
    this.#depth += 1;
    try {
      return this.#ports.storage.transactionSync(() => {
        const result = run();
        if (isOutermost) this.#write();
        return result;
      });
    } catch (error) {
      this.#staged.length = noted;
      this.#base = before.base;
      this.#sealed = before.sealed;
      throw error;
    } finally {
      this.#depth -= 1;
      if (isOutermost) this.#reset();
    }
  }

  /** The storage's own. */
  sync(): Promise<void> {
    return this.#ports.storage.sync();
  }

  /** Begins the log of a sale, with its first entry. */
  open(sale: string, event: LogEvent & { kind: "opened" }): void {
    this.#store.writeState({ tree: EMPTY_TREE, atMs: 0, stampMs: 0 });
    this.#sale = sale;
    this.#base = null;
    this.note(event);
    this.seal();
  }

  /**
   * Adds an entry in the running transaction; where it will stand, `null` where there is no log. A join's
   * stamp never goes back behind the one before it, and is never later than its entry, whatever the clock does.
   */
  note(event: LogEvent): Logged | null {
    assert(this.#depth > 0, "an entry is part of a transaction");
    const state = (this.#base ??= this.#store.state());
    const sale = state && this.#saleId();
    if (!state || sale === null) return null;
    state.atMs = Math.max(state.atMs, this.#ports.runtime.now());
    let told = event;
    if (event.kind === "joined") {
      if (event.stampMs < state.stampMs) told = { ...event, stampMs: state.stampMs };
      else state.stampMs = event.stampMs;
      state.atMs = Math.max(state.atMs, state.stampMs);
    }
    const text = entryText(sale, state.atMs, told);
    const index = state.tree.size + this.#staged.push(text) - 1;
    return { index, text };
  }

  /** Asks for a head at the end of the running transaction, however young the one before it is. */
  seal(): void {
    this.#sealed = true;
  }

  /** The texts of entries that are written down, by where they stand. */
  texts(indexes: number[]): Map<number, string> {
    const texts = new Map<number, string>();
    let row: ReturnType<LogStore["rowOf"]> = null;
    for (const index of indexes.toSorted((a, b) => a - b)) {
      if (!row?.entries[index - row.firstIndex]) row = this.#store.rowOf(index);
      const entry = row?.entries[index - row.firstIndex];
      if (entry) texts.set(index, textOf(entry));
    }
    return texts;
  }

  /** Whether a head that covers an entry is written down. */
  covers(index: number): boolean {
    return (this.#store.newestHead()?.size ?? 0) > index;
  }

  /** The newest checkpoint, signed; of a log that has grown for a second a new one. `null` where there is no log. */
  checkpoint(): { size: number; note: string } | null {
    const state = this.#store.state();
    if (!state) return null;
    const newest = this.#store.newestHead();
    const isBehind = (newest?.size ?? 0) < state.tree.size;
    if (!isBehind || !this.#isDue(newest)) return this.#sign(newest);
    this.#ports.storage.transactionSync(() => this.#writeHead(state));
    return this.#sign(this.#store.newestHead());
  }

  /**
   * The bytes of a tile: of one that is full, or that is as wide as some checkpoint has it; `null` for every
   * other, and where there is no log.
   */
  tile({ level, tile, width }: TileName): Uint8Array | null {
    const state = this.#store.state();
    if (!state || tileWidth(level, tile, state.tree.size) < width) return null;
    const height = level === "entries" ? 0 : level * TILE_HEIGHT;
    const hashes = tile * TILE_WIDTH + width;
    const [sizeMin, sizeMax] = [hashes * 2 ** height, (hashes + 1) * 2 ** height - 1];
    if (width < TILE_WIDTH && !this.#store.headWithin(sizeMin, sizeMax)) return null;
    // What no checkpoint covers yet is not told.
    if (!this.covers(sizeMin - 1)) return null;
    if (level !== "entries" && level > 0)
      return Buffer.concat(this.#store.tileHashes(level, tile).slice(0, width));
    const found = this.#store.entries(tile * TILE_WIDTH, width);
    if (level === "entries") return packEntries(found.map(({ entry }) => entry));
    return Buffer.concat(found.map(({ hash }) => hash));
  }

  /**
   * Entries from `first` on that a checkpoint covers, at most `count` and never more than some 400 kB, and
   * the size of the newest checkpoint; `null` where there is no log.
   */
  entries(first: number, count: number): LogPage | null {
    const size = this.#store.newestHead()?.size;
    if (size === undefined) return null;
    const bounded = Math.min(count, PAGE_MAX_ENTRIES, size - first);
    const found = bounded > 0 ? this.#store.entries(first, bounded) : [];
    return { size, entries: found.map(({ entry }) => textOf(entry)) };
  }

  #write(): void {
    const state = this.#base;
    if (!state || (this.#staged.length === 0 && !this.#sealed)) return;
    for (let from = 0; from < this.#staged.length; from += ROW_MAX_ENTRIES)
      this.#writeRow(state, this.#staged.slice(from, from + ROW_MAX_ENTRIES));
    this.#store.writeState(state);
    if (this.#sealed || this.#isDue(this.#store.newestHead())) this.#writeHead(state);
  }

  #writeRow(state: LogState, texts: string[]): void {
    const packed = packTexts(texts);
    const hashes = unpackEntries(packed).map(leafHash);
    this.#store.writeEntries(state.tree.size, packed, hashes);
    const { tree, tiled } = append(state.tree, hashes);
    for (const hash of tiled) this.#store.writeTileHash(hash);
    state.tree = tree;
  }

  #isDue(newest: StoredHead | null): boolean {
    // A clock that was set back is not waited for.
    return !newest || Math.abs(this.#ports.runtime.now() - newest.atMs) >= HEAD_EVERY_MS;
  }

  #writeHead({ tree }: LogState): void {
    const atMs = this.#ports.runtime.now();
    const { kid } = this.#signingKey();
    this.#store.writeHead({ size: tree.size, head: headOf(tree), atMs, kid });
  }

  /** Signed from what is written down, so that after a restart it is the same, byte for byte. */
  #sign(stored: StoredHead | null): { size: number; note: string } | null {
    const sale = this.#saleId();
    if (!stored || sale === null) return null;
    if (this.#signed?.size !== stored.size) {
      const { keys, shop } = this.#ports;
      const key = keys.get(stored.kid) ?? this.#signingKey();
      this.#signed = {
        size: stored.size,
        note: signCheckpoint(logOrigin(shop, sale), stored, key),
      };
    }
    return this.#signed;
  }

  #signingKey(): LogKey {
    const [first] = this.#ports.keys.values();
    if (!first) throw new Error("LOG_KEYS names no key.");
    return first;
  }

  /** The sale's id: what the first entry tells. */
  #saleId(): string | null {
    if (this.#sale !== null) return this.#sale;
    const [first] = this.#store.entries(0, 1);
    if (first) this.#sale = readEntry(textOf(first.entry)).sale;
    return this.#sale;
  }

  #reset(): void {
    this.#staged.length = 0;
    this.#base = null;
    this.#sealed = false;
  }
}

function textOf(entry: Uint8Array): string {
  return Buffer.from(entry.buffer, entry.byteOffset, entry.length).toString("utf8");
}
