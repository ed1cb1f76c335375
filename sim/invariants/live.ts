import type { DatabaseSync } from "node:sqlite";
import type { ListedLevel, SaleControl } from "../../domain/purchase/sale.ts";
import { EMPTY_LINE } from "../../domain/queue/admission.ts";
import { liveMessage, type LiveMessage } from "../../domain/queue/live.ts";
import { initialControls } from "../../domain/queue/settings.ts";
import { boardOf } from "../../durable-objects/board-of.ts";
import type { LineDefinition } from "../../durable-objects/sequencer-store.ts";
import type { Violate } from "./item.ts";
import { rowOf, rowsOf } from "./tables.ts";

/** Alarms and losses from before faults stopped are over after this. */
export const CALM_AFTER_MS = 100_000;
/** Who is connected knows within this what the line has written: a lost call is made again within two seconds. */
const TOLD_WITHIN_MS = 5_000;
/**
 * Who wants a socket and finds room has one within this: a lost one counts until its object notices, and then come the
 * longest backoff, its spread, and a handshake that is waited for.
 */
const BACK_WITHIN_MS = 90_000;
/** Versions whose boards are kept to be compared: minutes of them. */
const KEPT_MAX = 3_000;
/** What a board says of itself, of which the tables know nothing: told with it, and not compared. */
type Told = Pick<LiveMessage, "flow" | "asOf" | "serverTime">;

interface SaleRow {
  definition: string;
  control: string;
  controls: string;
  line: string;
  shuffle: string | null;
  version: number;
}

/** A page's socket as others see it. */
export interface WatcherState {
  node: string;
  /** The object that holds its sockets. */
  shard: string;
  /** Since when a socket is wanted and there is none; `null` while there is one, or none is wanted. */
  withoutSinceMs: number | null;
  /** The version that was pushed last; `null` without a socket. */
  version: number | null;
}

/** What sockets bring is a board that the line really had, never an older one, and everyone hears of the last. */
export class LiveInvariants {
  readonly #violate: Violate;
  readonly #cover: (name: string) => void;
  readonly #hasSteadyClock: boolean;
  readonly #hasTwoVersions: boolean;
  readonly #nowMs: () => number;
  /** By version: the rows that a board of it is made from. */
  readonly #rows = new Map<number, { sale: SaleRow; levels: ListedLevel[] }>();
  #written = 0;
  /** Versions that are there for ever, and since when; the newest of those that everybody has to know comes first. */
  readonly #durable: { sinceMs: number; version: number }[] = [];
  /** By shard: when more wanted sockets than it has room for, or when nobody had looked yet. */
  readonly #fullAtMs = new Map<string, number>();
  /** By watcher: what it was pushed last. */
  #latest: { text: string; message: LiveMessage } | null = null;
  readonly #pushed = new Map<string, LiveMessage>();

  constructor(options: {
    violate: Violate;
    cover: (name: string) => void;
    hasSteadyClock: boolean;
    hasTwoVersions: boolean;
    nowMs: () => number;
  }) {
    this.#violate = options.violate;
    this.#cover = options.cover;
    this.#hasSteadyClock = options.hasSteadyClock;
    this.#hasTwoVersions = options.hasTwoVersions;
    this.#nowMs = options.nowMs;
  }

  /** The line has written something. */
  afterTurn(database: DatabaseSync): void {
    const sale = rowOf<SaleRow>(
      database,
      "SELECT definition, control, controls, line, shuffle, version FROM sale",
    );
    if (!sale || sale.version === this.#written) return;
    const levels = rowsOf<{ body: string }>(database, "SELECT body FROM level ORDER BY sku");
    const rows = levels.map(({ body }) => JSON.parse(body) as ListedLevel);
    this.#rows.set(sale.version, { sale, levels: rows });
    this.#written = sale.version;
    if (this.#rows.size > KEPT_MAX) this.#rows.delete(this.#rows.keys().next().value ?? 0);
  }

  /** What it has written is there for ever. */
  afterCommit(): void {
    if (this.#durable.at(-1)?.version !== this.#written)
      this.#durable.push({ sinceMs: this.#nowMs(), version: this.#written });
  }

  /** What it had written is gone. */
  afterLoss(): void {
    const last = this.#durable.at(-1)?.version ?? 0;
    for (const version of this.#rows.keys()) if (version > last) this.#rows.delete(version);
    this.#written = last;
  }

  /**
   * A socket brought something.
   * @param of the shopper and the region: what one of them was told is never older than what was told before.
   */
  pushed(of: string, text: string): void {
    const message = this.#genuine(text);
    this.#cover("live.pushed");
    const before = this.#pushed.get(of);
    this.#pushed.set(of, message);
    if (!before || message.version > before.version) return;
    const isOlder =
      message.version < before.version ||
      (this.#hasSteadyClock && turnsOf(message) < turnsOf(before));
    if (isOlder) this.#violate("live.forward", `${of} had ${JSON.stringify(before)}, got ${text}`);
  }

  /** What a text says, once it is known to be the line's; most texts come to several sockets, one after the other. */
  #genuine(text: string): LiveMessage {
    if (this.#latest?.text === text) return this.#latest.message;
    const message = JSON.parse(text) as LiveMessage;
    if (!this.#textsOf(message).includes(text))
      this.#violate("live.board", `the line never had this board: ${text}`);
    this.#latest = { text, message };
    return message;
  }

  /** What may be said of a version: what the rows say; by a line of the version before, without the lists. */
  #textsOf(told: LiveMessage): string[] {
    const rows = this.#rows.get(told.version);
    if (!rows) return [];
    const { sale, levels } = rows;
    const before = this.#hasTwoVersions ? [levels.map(withoutList)] : [];
    return [levels, ...before].map((known) => JSON.stringify(messageOf(sale, known, told)));
  }

  /** Looks at everyone who watches; to be called now and then once nothing goes wrong any more. */
  look(watchers: readonly WatcherState[], socketsMax: number): void {
    const nowMs = this.#nowMs();
    const known = this.#durable;
    while ((known[1]?.sinceMs ?? Infinity) <= nowMs - TOLD_WITHIN_MS) known.shift();
    const [due] = known;
    const wanted = Map.groupBy(watchers, ({ shard }) => shard);
    for (const { node, shard, version, withoutSinceMs } of watchers) {
      const isDue = due !== undefined && due.sinceMs <= nowMs - TOLD_WITHIN_MS;
      if (version !== null && isDue && version < due.version)
        this.#violate("live.told", `${node} knows ${version}, and ${due.version} is there`);
      const isFull = (wanted.get(shard)?.length ?? 0) > socketsMax;
      const fullAtMs = isFull ? nowMs : (this.#fullAtMs.get(shard) ?? nowMs);
      this.#fullAtMs.set(shard, fullAtMs);
      const waitsMs = withoutSinceMs === null ? 0 : nowMs - Math.max(withoutSinceMs, fullAtMs);
      if (waitsMs > BACK_WITHIN_MS)
        this.#violate("live.back", `${node} has had no socket for ${waitsMs} ms`);
    }
  }
}

/** Start and end that a message has seen. */
function turnsOf({ state, endingSoon }: LiveMessage): number {
  if (state === "ended") return 3;
  if (state === "draft" || state === "scheduled") return -1;
  return state === "prequeue" ? 0 : endingSoon ? 2 : 1;
}

function withoutList({ sku, stock, available, held, sold }: ListedLevel): ListedLevel {
  return { sku, stock, available, held, sold };
}

/** The message by the product's own rules; of an item it has to say what the row says, and nothing else. */
function messageOf(sale: SaleRow, levels: ListedLevel[], told: Told): object {
  const definition = JSON.parse(sale.definition) as LineDefinition;
  const record = {
    definition,
    control: JSON.parse(sale.control) as SaleControl,
    controls: { ...initialControls(definition.queue), ...JSON.parse(sale.controls) },
    tieKey: "",
    line: { ...EMPTY_LINE, ...JSON.parse(sale.line) },
    shuffle: sale.shuffle === null ? null : JSON.parse(sale.shuffle),
    turns: { startedAtMs: null, endedAtMs: null },
    version: sale.version,
  };
  const board = boardOf(record, levels, told.flow, Date.parse(told.asOf));
  const items = levels.map((level) => {
    const { waiting, offered } = level;
    return { ...withoutList(level), waiting, offered };
  });
  return { ...liveMessage(board, Date.parse(told.serverTime)), items };
}
