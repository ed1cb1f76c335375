import { FairnessCollector } from "../../domain/fairness/collector.ts";
import type { FairnessHead, SaleFairness } from "../../domain/fairness/report.ts";
import { readEntry } from "../../domain/log/leaf.ts";
import { seededRandom } from "../../domain/random.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";
import type { LogPage } from "../../durable-objects/sale-log.ts";

/** A live report is made anew at most this often. */
const LIVE_FRESH_MS = 10_000;
/** Entries that are asked for at once: what the log gives at most. */
const PAGE_ENTRIES = 2_000;
/** Pages that one request reads: a million entries. What is left the next one reads. */
const PAGES_MAX = 500;
/** A request that has not come back by then is taken for lost. */
const LEASE_MS = 60_000;
/**
 * Places of all lines that are kept in mind at once: some 45 of the 128 MB of an isolate, and twice that
 * while a report is made. Of a longer line the report is that of its beginning, and says so by its entries.
 */
const PLACES_MAX = 1_000_000;
const LINES_MAX = 50;
/** The dice of the simulation beside the report: always the same, so that a log has one report. */
const SIMULATION_SEED = 20_000;

/** A sale's log, as its object gives it. */
export interface LogSource {
  /** Where it stands; with a report to be kept, once the sale has ended. `null` where there is no log. */
  fairness(final?: SaleFairness): Promise<FairnessHead | null>;
  logEntries(first: number, count: number): Promise<LogPage | null>;
}

interface Line {
  collector: FairnessCollector;
  report: SaleFairness | null;
  madeAtMs: number;
  /** Until when a request reads on; others do with the report that there is. */
  leasedUntilMs: number;
}

/**
 * The fairness reports of sales, made in the isolate that is asked, from the public log: the line's own
 * object hands out pages of it and reckons nothing. An isolate goes on from where it was.
 */
export class FairnessReports {
  readonly #runtime: Pick<Runtime, "now">;
  readonly #placesMax: number;
  readonly #lines = new Map<string, Line>();

  constructor(runtime: Pick<Runtime, "now">, placesMax = PLACES_MAX) {
    this.#runtime = runtime;
    this.#placesMax = placesMax;
  }

  /** The report of a sale: at most ten seconds old, or final; `null` where there is no log. */
  async report(saleId: string, source: LogSource): Promise<SaleFairness | null> {
    const fresh = this.#fresh(saleId);
    if (fresh) return fresh;
    const head = await source.fairness();
    if (!head || head.kept) return this.#remember(saleId, head?.kept ?? null);
    // Others may have come while the object was asked.
    const made = this.#fresh(saleId);
    if (made) return made;
    const nowMs = this.#runtime.now();
    const line = this.#lines.get(saleId);
    // Whoever comes while another one reads, and finds no report yet, reads for themselves.
    const isTaken = line !== undefined && nowMs < line.leasedUntilMs;
    const own = isTaken || !line ? newLine() : line;
    own.leasedUntilMs = nowMs + LEASE_MS;
    this.#lines.set(saleId, own);
    try {
      return await this.#read(saleId, own, head.checkpoint, source);
    } finally {
      own.leasedUntilMs = 0;
      this.#forget();
    }
  }

  /** Reads on to the checkpoint, or as far as one request may, and reports what was read. */
  async #read(
    saleId: string,
    line: Line,
    { note, size }: FairnessHead["checkpoint"],
    source: LogSource,
  ): Promise<SaleFairness> {
    const { collector } = line;
    for (let pages = 0; collector.entries < size && pages < PAGES_MAX; pages++) {
      if (collector.joined >= this.#placesMax) break;
      const page = await source.logEntries(
        collector.entries,
        Math.min(PAGE_ENTRIES, size - collector.entries),
      );
      if (!page || page.entries.length === 0) break;
      for (const text of page.entries) collector.take(readEntry(text));
    }
    const report = collector.report(seededRandom(SIMULATION_SEED));
    const isWhole = collector.entries >= size;
    const isFinal = report.isFinal && isWhole;
    line.report = { ...report, isFinal, checkpoint: note };
    // What is behind goes on with the next request.
    line.madeAtMs = isWhole ? this.#runtime.now() : 0;
    if (!isFinal) return line.report;
    const kept = (await source.fairness(line.report))?.kept ?? line.report;
    return this.#remember(saleId, kept) ?? kept;
  }

  /** A final report takes the place of what it was made from. */
  #remember(saleId: string, report: SaleFairness | null): SaleFairness | null {
    this.#lines.delete(saleId);
    if (report) this.#lines.set(saleId, { ...newLine(), report });
    return report;
  }

  /** The report that is there, while it is young enough or another request makes a new one. */
  #fresh(saleId: string): SaleFairness | null {
    const { report, madeAtMs, leasedUntilMs } = this.#lines.get(saleId) ?? newLine();
    const nowMs = this.#runtime.now();
    const isYoung = nowMs < leasedUntilMs || Math.abs(nowMs - madeAtMs) < LIVE_FRESH_MS;
    return report?.isFinal === true || isYoung ? report : null;
  }

  /** Lets go of the lines that were read first, until what is kept is within its bounds. */
  #forget(): void {
    let places = 0;
    for (const { collector } of this.#lines.values()) places += collector.joined;
    for (const [saleId, { collector, leasedUntilMs }] of this.#lines) {
      if (places <= this.#placesMax && this.#lines.size <= LINES_MAX) return;
      if (leasedUntilMs > 0) continue;
      this.#lines.delete(saleId);
      places -= collector.joined;
    }
  }
}

function newLine(): Line {
  return { collector: new FairnessCollector(), report: null, madeAtMs: 0, leasedUntilMs: 0 };
}
