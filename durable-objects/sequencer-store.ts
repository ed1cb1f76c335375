import { EMPTY_LINE, type LineState } from "../domain/queue/admission.ts";
import type { Join, Place } from "../domain/queue/line.ts";
import {
  initialControls,
  type LiveControls,
  type QueueSettings,
} from "../domain/queue/settings.ts";
import type { SecretShuffle } from "../domain/queue/shuffle.ts";
import type { ListedLevel, SaleControl, StockLevel } from "../domain/purchase/sale.ts";
import { ClaimStore } from "./claim-store.ts";
import type { SaleTurn, SaleTurns } from "../domain/books/turns.ts";
import type { SaleFairness } from "../domain/fairness/report.ts";
import { LOG_TABLES } from "./log-store.ts";
import { migrate } from "./migrate.ts";
import { ParsedText } from "./parsed-text.ts";
import { TRAIL_TABLES } from "./trail-store.ts";
import type { WaitReport } from "./wait-report.ts";

/*
 * The tables of a sale's line. A join costs one row, a claim two (and its invitation's count), a tick
 * one, and a commit one more with all that it tells the log; nothing is ever deleted, since a repeat must
 * find what it repeats. (A departure before the start is moved to the claims when its number is known.) In
 * a sale that draws places the number of a place is its index: what a draw makes of it is computed, not
 * stored.
 */

/** Append-only: what has shipped never changes. */
export const SEQUENCER_MIGRATIONS = [
  `CREATE TABLE sale (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     definition TEXT NOT NULL,
     control TEXT NOT NULL,
     tie_key TEXT NOT NULL,
     line TEXT NOT NULL,
     version INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE level (
     sku TEXT PRIMARY KEY,
     sequence INTEGER NOT NULL,
     body TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE place (
     lane INTEGER NOT NULL,
     lane_seq INTEGER NOT NULL,
     number INTEGER NOT NULL,
     stamp_ms INTEGER NOT NULL,
     PRIMARY KEY (lane, lane_seq)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE invitation (
     last_number INTEGER PRIMARY KEY,
     first_number INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     answered INTEGER NOT NULL,
     lapsed INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX invitation_open ON invitation (at_ms) WHERE lapsed = 0;
   CREATE TABLE claim (
     number INTEGER PRIMARY KEY,
     asked_at_ms INTEGER NOT NULL,
     claimed_at_ms INTEGER,
     expires_at_ms INTEGER,
     ended TEXT
   ) STRICT;
   CREATE INDEX claim_asking ON claim (number) WHERE claimed_at_ms IS NULL AND ended IS NULL;
   CREATE INDEX claim_inside ON claim (expires_at_ms)
     WHERE claimed_at_ms IS NOT NULL AND ended IS NULL;`,
  `ALTER TABLE sale ADD COLUMN controls TEXT NOT NULL DEFAULT '{}';
   CREATE TABLE audit (
     sequence INTEGER PRIMARY KEY,
     at_ms INTEGER NOT NULL,
     actor TEXT NOT NULL,
     reason TEXT,
     action TEXT NOT NULL
   ) STRICT;`,
  `ALTER TABLE sale ADD COLUMN shuffle TEXT;
   CREATE TABLE early_departure (
     early_index INTEGER PRIMARY KEY
   ) STRICT;`,
  `ALTER TABLE sale ADD COLUMN waits TEXT;`,
  `ALTER TABLE level ADD COLUMN list_version INTEGER NOT NULL DEFAULT 0;`,
  `ALTER TABLE sale ADD COLUMN started_at_ms INTEGER;
   ALTER TABLE sale ADD COLUMN ended_at_ms INTEGER;
   ${TRAIL_TABLES}`,
  `ALTER TABLE place ADD COLUMN log_index INTEGER;
   ${LOG_TABLES}`,
  `ALTER TABLE sale ADD COLUMN fairness TEXT;`,
];

/** What the sequencer has to know of a sale. */
export interface LineDefinition {
  saleId: string;
  queue: QueueSettings;
}

/** The sale's one row. */
export interface LineRecord {
  definition: LineDefinition;
  control: SaleControl;
  controls: LiveControls;
  tieKey: string;
  line: LineState;
  /** `null` unless the sale draws places. */
  shuffle: SecretShuffle | null;
  /** Which turns of its life are in its chain. */
  turns: SaleTurns;
  version: number;
}

/** A place as it is written down. */
export interface LoggedPlace extends Place {
  stampMs: number;
  /** Where its entry stands in the sale's log; `null` where there is no log. */
  logIndex: number | null;
}

/** What names a join: the lane and the lane's own count. */
export function joinName(lane: number, laneSeq: number): string {
  return `${lane}/${laneSeq}`;
}

export class SequencerStore {
  readonly claims: ClaimStore;
  readonly #sql: SqlStorage;
  readonly #definition = new ParsedText<LineDefinition>();
  readonly #control = new ParsedText<SaleControl>();
  readonly #controls = new ParsedText<LiveControls>();
  readonly #line = new ParsedText<LineState>();
  readonly #shuffle = new ParsedText<SecretShuffle>();
  readonly #levels = new Map<string, ParsedText<ListedLevel>>();

  constructor(storage: DurableObjectStorage) {
    migrate(storage, SEQUENCER_MIGRATIONS);
    this.#sql = storage.sql;
    this.claims = new ClaimStore(storage.sql);
  }

  /** Asked on every event: one row, parsed where it has changed. */
  read(): LineRecord | null {
    const [row] = this.#sql
      .exec<{
        definition: string;
        control: string;
        controls: string;
        tie_key: string;
        line: string;
        shuffle: string | null;
        started_at_ms: number | null;
        ended_at_ms: number | null;
        version: number;
      }>("SELECT * FROM sale")
      .toArray();
    if (!row) return null;
    const definition = this.#definition.of(row.definition);
    return {
      definition,
      control: this.#control.of(row.control),
      controls: this.#controls.of(row.controls, (set) => {
        return { ...initialControls(definition.queue), ...set };
      }),
      tieKey: row.tie_key,
      line: this.#line.of(row.line, (line) => ({ ...EMPTY_LINE, ...line })),
      shuffle: row.shuffle === null ? null : this.#shuffle.of(row.shuffle),
      turns: { startedAtMs: row.started_at_ms, endedAtMs: row.ended_at_ms },
      version: row.version,
    };
  }

  create(
    definition: LineDefinition,
    control: SaleControl,
    levels: StockLevel[],
    tieKey: string,
    shuffle: SecretShuffle | null,
  ): void {
    this.#sql.exec(
      `INSERT INTO sale (id, definition, control, tie_key, line, shuffle, version)
       VALUES (1, ?, ?, ?, ?, ?, 1)`,
      JSON.stringify(definition),
      JSON.stringify(control),
      tieKey,
      JSON.stringify(EMPTY_LINE),
      shuffle && JSON.stringify(shuffle),
    );
    for (const level of levels) this.writeLevel(level, 0);
  }

  writeLine(line: LineState): void {
    this.#sql.exec("UPDATE sale SET line = ?, version = version + 1", this.#line.write(line));
  }

  writeTurn(turn: SaleTurn, nowMs: number): void {
    const column = turn === "started" ? "started_at_ms" : "ended_at_ms";
    this.#sql.exec(`UPDATE sale SET ${column} = ?`, nowMs);
  }

  writeShuffle(shuffle: SecretShuffle): void {
    this.#sql.exec("UPDATE sale SET shuffle = ?, version = version + 1", JSON.stringify(shuffle));
  }

  /** Writes that somebody left whose number is not drawn yet. */
  writeEarlyDeparture(earlyIndex: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO early_departure (early_index) VALUES (?)", earlyIndex);
  }

  /** Takes out those who left before they were drawn, up to an index, to be written under their numbers. */
  takeEarlyDepartures(throughIndex: number, limit: number): number[] {
    const gone = this.#sql
      .exec<{ early_index: number }>(
        `SELECT early_index FROM early_departure WHERE early_index <= ?
         ORDER BY early_index LIMIT +?`,
        throughIndex,
        limit,
      )
      .toArray()
      .map((row) => row.early_index);
    const last = gone.at(-1);
    // Every tick asks, and most find nobody: to take nothing out is a write, too.
    if (last !== undefined)
      this.#sql.exec("DELETE FROM early_departure WHERE early_index <= ?", last);
    return gone;
  }

  writeControls(controls: LiveControls): void {
    this.#sql.exec("UPDATE sale SET controls = ?, version = version + 1", JSON.stringify(controls));
  }

  writeControl(control: SaleControl): void {
    this.#sql.exec("UPDATE sale SET control = ?, version = version + 1", JSON.stringify(control));
  }

  levels(): ListedLevel[] {
    return this.#sql
      .exec<{ sku: string; body: string }>("SELECT sku, body FROM level ORDER BY sku")
      .toArray()
      .map(({ sku, body }) => this.#levelOf(sku).of(body));
  }

  #levelOf(sku: string): ParsedText<ListedLevel> {
    const known = this.#levels.get(sku) ?? new ParsedText<ListedLevel>();
    this.#levels.set(sku, known);
    return known;
  }

  /** The latest report wins, whatever the order in which reports come. */
  writeLevel(level: ListedLevel, sequence: number, listVersion = 0): void {
    const written = this.#sql.exec(
      `INSERT INTO level (sku, sequence, list_version, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (sku) DO UPDATE SET sequence = excluded.sequence,
         list_version = excluded.list_version, body = excluded.body
       WHERE (excluded.sequence, excluded.list_version) > (level.sequence, level.list_version)`,
      level.sku,
      sequence,
      listVersion,
      JSON.stringify(level),
    );
    if (written.rowsWritten > 0) this.#sql.exec("UPDATE sale SET version = version + 1");
  }

  /** The places of those of these joins that have one. */
  placesOf(joins: Join[]): Pick<LoggedPlace, "lane" | "laneSeq" | "number" | "logIndex">[] {
    return this.#sql
      .exec<{ lane: number; laneSeq: number; number: number; logIndex: number | null }>(
        `SELECT place.lane, place.lane_seq AS laneSeq, place.number, place.log_index AS logIndex
         FROM json_each(?) AS asked CROSS JOIN place
         ON place.lane = asked.value ->> 0 AND place.lane_seq = asked.value ->> 1`,
        JSON.stringify(joins.map(({ lane, laneSeq }) => [lane, laneSeq])),
      )
      .toArray();
  }

  /** How many joins a lane has brought, those under way included. */
  lastLaneSeq(lane: number): number {
    return this.#sql
      .exec<{ last: number }>(
        "SELECT coalesce(max(lane_seq), 0) AS last FROM place WHERE lane = ?",
        lane,
      )
      .one().last;
  }

  placeOf(lane: number, laneSeq: number): { number: number; stampMs: number } | null {
    const rows = this.#sql.exec<{ number: number; stampMs: number }>(
      "SELECT number, stamp_ms AS stampMs FROM place WHERE lane = ? AND lane_seq = ?",
      lane,
      laneSeq,
    );
    return rows.toArray()[0] ?? null;
  }

  /** The waits of the sale, once they have been worked out. */
  waits(): WaitReport | null {
    const [row] = this.#sql.exec<{ waits: string | null }>("SELECT waits FROM sale").toArray();
    return row?.waits == null ? null : (JSON.parse(row.waits) as WaitReport);
  }

  writeWaits(report: WaitReport): void {
    this.#sql.exec("UPDATE sale SET waits = ?", JSON.stringify(report));
  }

  /** The final report of the sale's fairness, once it has been worked out. */
  fairness(): SaleFairness | null {
    const [row] = this.#sql
      .exec<{ fairness: string | null }>("SELECT fairness FROM sale")
      .toArray();
    return row?.fairness == null ? null : (JSON.parse(row.fairness) as SaleFairness);
  }

  /** Keeps the report of a sale that has ended; the first one stands. */
  writeFairness(report: SaleFairness): void {
    this.#sql.exec(
      "UPDATE sale SET fairness = ? WHERE fairness IS NULL AND ended_at_ms IS NOT NULL",
      JSON.stringify(report),
    );
  }

  /** Writes places, in one statement. */
  writePlaces(places: LoggedPlace[]): void {
    if (places.length === 0) return;
    const rows = places.map(({ lane, laneSeq, number, stampMs, logIndex }) => [
      lane,
      laneSeq,
      number,
      stampMs,
      logIndex,
    ]);
    this.#sql.exec(
      `INSERT INTO place (lane, lane_seq, number, stamp_ms, log_index)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)`,
      JSON.stringify(rows),
    );
  }
}
