import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import { Unreadable } from "../finding.ts";
import { parseVerifierKey } from "../log/note.ts";
import type { LogCopy } from "./copy.ts";

/*
 * A copy of a log in one file of lines (README.md): a header, an entry a line as it was published, a tile a
 * line. An entry that cannot be a line of its own is written in base64.
 */

const FORMAT = "ropeline-log/1";
const ENCODED = "base64:";

interface Header {
  format: string;
  from: string;
  savedAt: string;
  keys: string[];
  checkpoint: string;
  entries: number;
  tiles: number;
}

/** Writes a copy into a file, anew. */
export async function saveCopy(file: string, copy: Omit<LogCopy, "isLive">): Promise<void> {
  const { from, savedAt, checkpoint, entries, tiles } = copy;
  const header: Header = {
    format: FORMAT,
    from,
    savedAt,
    keys: copy.keys.map(({ text }) => text),
    checkpoint,
    entries: entries.length,
    tiles: tiles.size,
  };
  const out = createWriteStream(file);
  const done = finished(out);
  const write = async (line: string): Promise<void> => {
    if (!out.write(`${line}\n`)) await Promise.race([once(out, "drain"), done]);
  };
  try {
    await write(JSON.stringify(header));
    for (const entry of entries) await write(lineOf(entry));
    for (const [path, hashes] of tiles)
      await write(`${path} ${Buffer.from(hashes).toString("base64")}`);
    out.end();
    await done;
  } catch (error) {
    throw new Unreadable(`${file} cannot be written: ${String(error)}`);
  }
}

/** @throws Unreadable when there is no such file, or it is no whole copy. */
export async function readCopy(file: string): Promise<LogCopy> {
  let header: Header | null = null;
  const entries: Uint8Array[] = [];
  const tiles = new Map<string, Uint8Array>();
  try {
    for await (const line of createInterface({ input: createReadStream(file) }))
      if (!header) header = headerIn(line, file);
      else if (entries.length < header.entries) entries.push(entryIn(line));
      else addTile(tiles, line, file);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`${file} cannot be read: ${String(error)}`);
  }
  if (!header) throw new Unreadable(`${file} is empty`);
  if (entries.length < header.entries || tiles.size < header.tiles)
    throw new Unreadable(
      `${file} is cut off: it has ${entries.length} of ${header.entries} entries and ${tiles.size} of ${header.tiles} tiles`,
    );
  const { from, savedAt, checkpoint } = header;
  const keys = header.keys.map(parseVerifierKey);
  return { from, savedAt, keys, checkpoint, entries, tiles, isLive: false };
}

/** The checkpoint in the header of a copy; `null` when the text does not begin with one. */
export function checkpointIn(text: string): string | null {
  const end = text.indexOf("\n");
  const header = asHeader(end < 0 ? text : text.slice(0, end));
  return header && header.checkpoint;
}

function headerIn(line: string, file: string): Header {
  const header = asHeader(line);
  if (!header) throw new Unreadable(`${file} does not begin with the header of a log's copy`);
  return header;
}

function asHeader(line: string): Header | null {
  try {
    const header = JSON.parse(line) as Header;
    return header.format === FORMAT ? header : null;
  } catch {
    return null;
  }
}

function addTile(tiles: Map<string, Uint8Array>, line: string, file: string): void {
  const [path = "", hashes = "", rest] = line.split(" ");
  if (!path.startsWith("tile/") || rest !== undefined)
    throw new Unreadable(`${file} has a line that is no tile, behind its entries`);
  tiles.set(path, Buffer.from(hashes, "base64"));
}

/** Readers of lines take these for the end of one. */
const BREAKS = /[\n\r\u2028\u2029]/;

function lineOf(entry: Uint8Array): string {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  const text = bytes.toString();
  const isLine = Buffer.from(text).equals(bytes) && !BREAKS.test(text) && !text.startsWith(ENCODED);
  return isLine ? text : `${ENCODED}${bytes.toString("base64")}`;
}

function entryIn(line: string): Uint8Array {
  return line.startsWith(ENCODED)
    ? Buffer.from(line.slice(ENCODED.length), "base64")
    : Buffer.from(line);
}
