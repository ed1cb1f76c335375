import type { DatabaseSync } from "node:sqlite";
import type { LineState } from "../../domain/queue/admission.ts";
import type { LiveControls, QueueSettings } from "../../domain/queue/settings.ts";
import { ParsedText } from "../../durable-objects/parsed-text.ts";
import type { Violate } from "./item.ts";
import { ShuffleInvariants } from "./shuffle.ts";
import { rowOf, rowsOf } from "./tables.ts";

/** The window over which `newUsersPerMinute` bounds claims. */
const RATE_WINDOW_MS = 60_000;

/** What the line says of itself and is held against its rows: its first fields, up to what changes with every tick. */
type Counters = Pick<LineState, "lastNumber" | "cursor" | "inside" | "openInvitations">;
const COUNTERS_END = ',"expected"';

interface SaleRow {
  definition: string;
  controls: string;
  line: string;
}

interface ClaimRow {
  number: number;
  claimed_at_ms: number | null;
  ended: string | null;
}

/** What was counted from the rows, to be held against the line's own counters. */
interface Counted {
  places: number;
  last_number: number | null;
  inside: number;
  asking: number;
  invited: number | null;
  unanswered: number | null;
}

/** The promises of a sale's line. */
export class LineInvariants {
  readonly #database: DatabaseSync;
  readonly #violate: Violate;
  readonly #cover: (name: string) => void;
  /** Whether stamps and claims can be compared: this node's clock never jumps in this seed. */
  readonly #hasSteadyClock: boolean;
  readonly #shuffle: ShuffleInvariants;
  readonly #settingsText = new ParsedText<QueueSettings & Partial<LiveControls>>();
  readonly #countersText = new ParsedText<Counters>();
  #granted = new Set<number>();
  #asking: number[] = [];
  /** The rows that were judged last, and covered: the very same ones say nothing new. */
  #judged: readonly ClaimRow[] | null = null;
  #covered: readonly ClaimRow[] | null = null;
  #passes = 0;
  #rate = 0;
  #capacity = 0;
  #numbersSeen = 0;
  readonly #sequences = new Map<string, number>();
  #lastStampMs = 0;

  constructor(
    database: DatabaseSync,
    options: {
      hasSteadyClock: boolean;
      nowMs: () => number;
      violate: Violate;
      cover: (name: string) => void;
    },
  ) {
    this.#database = database;
    this.#hasSteadyClock = options.hasSteadyClock;
    this.#violate = options.violate;
    this.#cover = options.cover;
    this.#shuffle = new ShuffleInvariants(database, options);
  }

  /** After every turn that wrote. */
  afterTurn(): void {
    const line = this.#line();
    if (!line) return;
    this.#checkCounters(line);
    this.#checkGrants(line);
    this.#shuffle.afterTurn();
  }

  /** After the object went under. */
  afterLoss(): void {
    this.#shuffle.afterLoss();
  }

  /** After every durable commit. */
  afterCommit(): void {
    this.#shuffle.afterCommit();
    this.#checkLevels();
    this.#checkStamps();
    if (this.#sale()?.line.includes('"pace":{') === true) this.#cover("line.slowed");
    const claims = this.#claims();
    const isNews = claims !== this.#covered;
    this.#covered = claims;
    for (const { ended, claimed_at_ms: claimedAtMs } of isNews ? claims : []) {
      if (ended !== null) this.#cover(`claim.${ended}`);
      if (claimedAtMs !== null) this.#cover("claim.granted");
    }
    const settings = this.#settings();
    if (this.#hasSteadyClock && settings) this.#checkRate(settings);
  }

  #line(): Counters | undefined {
    const row = this.#sale();
    return row && this.#countersText.of(`${row.line.slice(0, row.line.indexOf(COUNTERS_END))}}`);
  }

  #checkCounters(line: Counters): void {
    const counted = rowOf<Counted>(
      this.#database,
      `SELECT (SELECT count(*) FROM place) AS places,
              (SELECT max(number) FROM place) AS last_number,
              (SELECT count(*) FROM claim WHERE claimed_at_ms IS NOT NULL AND ended IS NULL) AS inside,
              (SELECT count(*) FROM claim WHERE claimed_at_ms IS NULL AND ended IS NULL) AS asking,
              (SELECT sum(last_number - first_number + 1) FROM invitation) AS invited,
              (SELECT sum(last_number - first_number + 1 - answered) FROM invitation
               WHERE lapsed = 0) AS unanswered`,
    );
    if (!counted) return;
    const { places, last_number: lastNumber, inside, asking, invited, unanswered } = counted;
    const say = (): string => `${JSON.stringify(line)} against ${JSON.stringify(counted)}`;
    if (places !== line.lastNumber || (lastNumber ?? 0) !== places)
      this.#violate("line.numbers", say());
    if (inside !== line.inside || (unanswered ?? 0) + asking !== line.openInvitations)
      this.#violate("line.counters", say());
    if ((invited ?? 0) !== line.cursor || line.cursor > line.lastNumber)
      this.#violate("line.cursor", say());
  }

  /**
   * Nobody comes in above capacity (lowering it takes nobody's pass), and nobody who asked before is
   * passed over: a pass goes to the lowest number that asks.
   */
  #checkGrants({ inside }: Counters): void {
    const claims = this.#claims();
    // One turn may let somebody in and then lower the capacity.
    const before = this.#capacity;
    this.#capacity = this.#settings()?.totalActiveUsers ?? 0;
    if (claims === this.#judged) return;
    this.#judged = claims;
    const granted = new Set<number>();
    const asking: number[] = [];
    let newest = 0;
    for (const { number, claimed_at_ms: claimedAtMs, ended } of claims) {
      if (claimedAtMs !== null) {
        granted.add(number);
        if (!this.#granted.has(number)) newest = Math.max(newest, number);
      } else if (ended === null) asking.push(number);
    }
    const passedOver = asking.find((number) => number < newest && this.#asking.includes(number));
    if (passedOver !== undefined)
      this.#violate("line.order", `${newest} was let in before ${passedOver}, who was asking`);
    if (newest > 0 && inside > Math.max(this.#capacity, before))
      this.#violate("line.capacity", `${newest} came in and made it ${inside}`);
    this.#granted = granted;
    this.#asking = asking;
  }

  /** Numbers are in the order of arrival as stamped and clamped. */
  #checkStamps(): void {
    const rows = rowsOf<{ number: number; stamp_ms: number }>(
      this.#database,
      "SELECT number, stamp_ms FROM place WHERE number > ? ORDER BY number",
      this.#numbersSeen,
    );
    for (const { number, stamp_ms: stampMs } of rows) {
      if (this.#hasSteadyClock && stampMs < this.#lastStampMs)
        this.#violate("line.arrival", `number ${number} arrived before the one in front of it`);
      this.#numbersSeen = number;
      this.#lastStampMs = stampMs;
    }
  }

  /** An item's counters are never replaced by older ones. */
  #checkLevels(): void {
    const rows = rowsOf<{ sku: string; sequence: number }>(
      this.#database,
      "SELECT sku, sequence FROM level",
    );
    for (const { sku, sequence } of rows) {
      const newest = this.#sequences.get(sku) ?? 0;
      if (sequence < newest) this.#violate("line.levels", `${sku}: ${sequence} replaced ${newest}`);
      this.#sequences.set(sku, sequence);
    }
  }

  /** The newest pass is within the rate of the minute before it: rates change while a sale runs. */
  #checkRate({ newUsersPerMinute }: QueueSettings): void {
    const times = rowsOf<{ at_ms: number }>(
      this.#database,
      "SELECT claimed_at_ms AS at_ms FROM claim WHERE claimed_at_ms IS NOT NULL ORDER BY at_ms",
    ).map((row) => row.at_ms);
    const newest = times.at(-1) ?? 0;
    // A commit may hold a pass and the change of the rate after it.
    const allowed = Math.max(newUsersPerMinute, this.#rate);
    this.#rate = newUsersPerMinute;
    if (times.length <= this.#passes) return;
    this.#passes = times.length;
    const recent = times.filter((atMs) => newest - atMs < RATE_WINDOW_MS).length;
    if (recent > allowed) this.#violate("line.rate", `${recent} passes in a minute of ${allowed}`);
  }

  /** By the words in which the sequencer asks, too: then it is read once for both. */
  #sale(): SaleRow | undefined {
    return rowOf<SaleRow>(this.#database, "SELECT * FROM sale");
  }

  /** Rate and capacity as they are now: none while the line is suspended. */
  #settings(): QueueSettings | undefined {
    const row = this.#sale();
    if (!row) return undefined;
    // A definition never changes.
    return this.#settingsText.of(row.controls, (controls) => {
      const { queue } = JSON.parse(row.definition) as { queue: QueueSettings };
      const none = { newUsersPerMinute: Infinity, totalActiveUsers: Infinity };
      const { suspended = queue.queueingMethod === "passthrough" } = controls;
      return { ...queue, ...controls, ...(suspended ? none : {}) };
    });
  }

  #claims(): ClaimRow[] {
    return rowsOf<ClaimRow>(this.#database, "SELECT number, claimed_at_ms, ended FROM claim");
  }
}
