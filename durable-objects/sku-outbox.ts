import type { DelayFigures } from "../domain/books/delays.ts";
import type { LedgerEvent, LedgerPage } from "../domain/purchase/ledger.ts";
import { encodePage } from "../domain/purchase/ledger-page.ts";
import type { Refusal } from "../domain/problem.ts";
import type { SaleControl, StockLevel } from "../domain/purchase/sale.ts";
import { OFFERS_SHOWN_MAX } from "../domain/purchase/waitlist.ts";
import { PageOutbox, type OutboxPage } from "./page-outbox.ts";
import type { Runtime, Timer } from "./runtime.ts";
import type { SkuStore } from "./sku-store.ts";

/** The sequencer hears at most this often while anything changes … */
const REPORT_DELAY_MS = 250;
/** … and this often while nothing does. */
const REPORT_IDLE_MS = 5_000;
/** Before its start an item is asleep until someone asks it something; then it stays awake. */
const REPORT_AHEAD_MS = 60_000;
/** So long after its end, as it believes, an item that wakes up still asks: the end may have been put off meanwhile. */
const REPORT_AFTER_MS = 3_600_000;
/** Places given back in one report. */
const REPORT_MAX_EVENTS = 1_000;

/** What an item tells its sale's sequencer. The latest wins; places come back by number. */
export interface SkuReport {
  saleId: string;
  sku: string;
  sequence: number;
  level: StockLevel;
  /** Numbers that reserved, or were offered, since the acknowledged sequence, and the units they took. */
  finished: { number: number; units: number }[];
  /** How long the longest command waited for its commit since the last report; older items say nothing. */
  batchAgeMs?: number;
  /** The waiting list, and what orders it where the sequence stays; items of an older version say nothing. */
  list?: { version: number; waiting: number; offered: number[] };
}

/** Where the outbox sends to. */
export interface OutboxPorts {
  sendPage(page: LedgerPage): Promise<unknown>;
  /** The same as one text. */
  sendText(page: string): Promise<unknown>;
  report(report: SkuReport): Promise<{ ok: true; control: SaleControl } | Refusal>;
  /** Runs `write` as a transaction of its own. */
  commit(write: () => void): void;
  hearControl(control: SaleControl): void;
  failed(what: string, error: unknown): void;
}

/**
 * The way of an item's ledger to those who need it: in pages to the projection, and as a report of where
 * the item stands to its sale's sequencer, with a mark of its own. Everything leaves from timers (and
 * from the alarm, when timers were lost with the object), never on the path of a request.
 */
export class SkuOutbox {
  readonly #store: SkuStore;
  readonly #runtime: Runtime;
  readonly #ports: OutboxPorts;
  readonly #pages: PageOutbox;
  #readsTexts = false;
  #reporting = false;
  #reportTimer: Timer | null = null;
  #reportAtMs = 0;
  #batchAgeMs = 0;

  constructor(store: SkuStore, runtime: Runtime, ports: OutboxPorts) {
    this.#store = store;
    this.#runtime = runtime;
    this.#ports = ports;
    const { ledger } = store;
    this.#pages = new PageOutbox(runtime, {
      marks: () => ledger.marks(),
      rows: (after, limit) => ledger.rowsAfter(after, limit),
      send: (page) => this.#send(page),
      mark: (through) => {
        ledger.markProjected(through);
      },
      failed: (error) => {
        ports.failed("sku.page.failed", error);
      },
    });
  }

  /** What a consumer may have dropped, since it is of an older version, comes again in a form that all of them read. */
  async #send({ fromSequence, texts, hashes, isAgain }: OutboxPage): Promise<void> {
    const item = this.#store.item();
    if (!item) return;
    const page = { saleId: item.saleId, sku: item.sku, fromSequence, hashes };
    if (this.#readsTexts && !isAgain) await this.#ports.sendText(encodePage({ ...page, texts }));
    else {
      const events = texts.map((text) => JSON.parse(text) as LedgerEvent);
      await this.#ports.sendPage({ ...page, events });
    }
  }

  /** Whether a consumer still has to acknowledge something. */
  pending(item = this.#store.item()): boolean {
    return (
      item !== null &&
      (item.projectedThrough < item.sequence || item.reportedThrough < item.sequence)
    );
  }

  /** To be called after a commit that changed the ledger, and when the object wakes. */
  wake(): void {
    this.#pages.wake();
    this.#reportBy(this.#runtime.now() + REPORT_DELAY_MS);
  }

  /** A batch of commands is durable, of which the longest waited so long. */
  committed(ageMs: number): void {
    this.#batchAgeMs = Math.max(this.#batchAgeMs, ageMs);
  }

  /** The projection has everything of these events, and takes pages as texts or not. To be called in a transaction. */
  acked(fromSequence: number, throughSequence: number, readsTexts = false): void {
    this.#readsTexts = readsTexts;
    this.#pages.acked(fromSequence, throughSequence);
  }

  /** How long events took to be projected, since the object woke. */
  get delays(): DelayFigures {
    return this.#pages.delays;
  }

  /** Sends the pages that are due. */
  drain(): Promise<void> {
    return this.#pages.drain();
  }

  #reportBy(atMs: number): void {
    if (this.#reportTimer !== null) {
      if (this.#reportAtMs <= atMs) return;
      this.#runtime.clearTimer(this.#reportTimer);
    }
    this.#reportAtMs = atMs;
    this.#reportTimer = this.#runtime.setTimer(
      () => {
        this.#reportTimer = null;
        void this.report();
      },
      Math.max(0, atMs - this.#runtime.now()),
    );
  }

  /** Tells the sequencer where the item stands and hears the sale's control. */
  async report(): Promise<void> {
    const item = this.#store.item();
    if (!item || this.#reporting) return;
    this.#reporting = true;
    try {
      const { saleId, sku, level, sequence, waiting, listVersion } = item;
      const { ledger } = this.#store;
      const { taken, through } = ledger.takenAfter(item.reportedThrough, REPORT_MAX_EVENTS);
      const batchAgeMs = this.#batchAgeMs;
      this.#batchAgeMs = 0;
      const reply = await this.#ports.report({
        saleId,
        sku,
        sequence,
        level,
        finished: taken,
        batchAgeMs,
        list: {
          version: listVersion,
          waiting: waiting.count,
          offered: this.#store.openOffers(OFFERS_SHOWN_MAX),
        },
      });
      if (!reply.ok) throw new Error(`The sequencer answered ${reply.code}.`);
      this.#ports.commit(() => {
        if (through !== null) ledger.markReported(through);
        this.#ports.hearControl(reply.control);
      });
      this.#goOn(reply.control);
    } catch (error) {
      this.#ports.failed("sku.report.failed", error);
      this.#reportBy(this.#runtime.now() + REPORT_IDLE_MS);
    } finally {
      this.#reporting = false;
    }
  }

  /**
   * Asks the sequencer soon, whatever the sale's control is believed to be: an item that wakes up to
   * refuse a purchase may have missed a command. To be called after a batch that changed nothing.
   */
  listen(): void {
    const item = this.#store.item();
    const nowMs = this.#runtime.now();
    if (item && nowMs < item.control.endsAtMs + REPORT_AFTER_MS)
      this.#reportBy(nowMs + REPORT_IDLE_MS);
  }

  #goOn({ mode, startsAtMs, endsAtMs }: SaleControl): void {
    const item = this.#store.item();
    const nowMs = this.#runtime.now();
    const isOn = mode === "open" || mode === "paused";
    if (item && item.reportedThrough < item.sequence) this.#reportBy(nowMs + REPORT_DELAY_MS);
    else if (isOn && nowMs >= startsAtMs - REPORT_AHEAD_MS && nowMs < endsAtMs)
      this.#reportBy(nowMs + REPORT_IDLE_MS);
  }
}
