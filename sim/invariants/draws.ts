import type { DatabaseSync } from "node:sqlite";
import { sha256Hex } from "../../domain/hash.ts";
import { readEntry, type LogEntry } from "../../domain/log/leaf.ts";
import { unpackEntries } from "../../domain/log/tile.ts";
import { permute } from "../../domain/queue/permutation.ts";
import type { Violate } from "./item.ts";
import { rowOf, rowsOf } from "./tables.ts";

/** A draw as the public log tells it: who is in it, and once it is told, the seed. */
interface LoggedDraw {
  joined: number;
  index: number;
  seed: string | null;
}

/** All draws of a sale as the public log tells them. */
interface LoggedDraws {
  drawsMax: number;
  draws: LoggedDraw[];
  /** Whether the sale has named a public value, and what it is. */
  isNamed: boolean;
  value: string | null;
}

/** What the log tells of draws; the first thing that is out of order is a violation. */
export function readDraws(sequencer: DatabaseSync, violate: Violate): LoggedDraws {
  const told: LoggedDraws = { drawsMax: 0, draws: [], isNamed: false, value: null };
  for (const [index, entry] of entriesIn(sequencer).entries()) {
    const say = (): string => `entry ${index}: ${JSON.stringify([entry, told])}`;
    if (entry.kind === "opened") {
      told.drawsMax = entry.terms.drawsMax;
      told.isNamed = entry.terms.publicRandomness !== null;
    } else if (entry.kind === "drawn") {
      const isSettled = told.draws.every(({ seed }) => seed !== null);
      if (entry.draw !== told.draws.length + 1 || !isSettled) violate("shuffle.once", say());
      told.draws.push({ joined: entry.joined, index, seed: null });
    } else if (entry.kind === "randomness") {
      // Before the first draw has closed, those who may still join could know it.
      if (!told.isNamed || told.value !== null || told.draws.length === 0)
        violate("shuffle.value", say());
      told.value = entry.value;
    } else if (entry.kind === "revealed") {
      const draw = told.draws.at(-1);
      if (entry.draw !== told.draws.length || draw?.seed !== null) violate("shuffle.once", say());
      if (told.isNamed && told.value === null) violate("shuffle.value", say());
      if (!draw) continue;
      if (!isCovered(sequencer, draw.index, index)) violate("shuffle.covered", say());
      draw.seed = entry.seed;
    }
  }
  return told;
}

/** The number of the `index`-th who joined, by the log alone; `null` while it is not drawn. */
export function numberByLog(
  { drawsMax, draws, isNamed, value }: LoggedDraws,
  index: number,
): number | null {
  const at = draws.findIndex(({ joined }) => index <= joined);
  const { joined = 0, seed = null } = draws[at] ?? {};
  if (at < 0) {
    const isOver = drawsMax === 0 || draws.filter(({ seed }) => seed !== null).length >= drawsMax;
    return isOver ? index : null;
  }
  if (seed === null) return null;
  const before = draws[at - 1]?.joined ?? 0;
  const mixed = isNamed ? sha256Hex(`${seed}/${value}`) : seed;
  return before + permute(mixed, index - before, joined - before);
}

/** Whether a head over the draw was written before the entry that tells its seed. */
function isCovered(sequencer: DatabaseSync, drawn: number, revealed: number): boolean {
  const head = rowOf(
    sequencer,
    "SELECT size FROM log_checkpoint WHERE size > ? AND size <= ?",
    drawn,
    revealed,
  );
  return head !== undefined;
}

function entriesIn(sequencer: DatabaseSync): LogEntry[] {
  return rowsOf<{ entries: Uint8Array }>(
    sequencer,
    "SELECT entries FROM log_entry ORDER BY first_index",
  ).flatMap(({ entries }) =>
    unpackEntries(entries).map((bytes) => readEntry(Buffer.from(bytes).toString("utf8"))),
  );
}
