import { atMsIn, rowsWithin, type ChainRow } from "../domain/books/chain.ts";
import { Delays, type DelayFigures } from "../domain/books/delays.ts";
import { Flight, type Marks, type Span } from "../domain/books/flight.ts";
import type { Runtime, Timer } from "./runtime.ts";

/** A page never holds more than fits into a message's 128 KB: banks' addresses and people's reasons are long. */
const PAGE_MAX_BYTES = 100_000;
/** Pages sent in one go, so that a long backlog does not hold the object. */
const DRAIN_MAX_PAGES = 10;
/** Changes wait this long for others before a page leaves. */
const DRAIN_DELAY_MS = 100;

/** The owner's alarm comes back this soon while something is pending: timers may have been lost. */
export const PAGES_RECOVERY_MS = 5_000;

/** Rows of a chain on their way: `texts` are `fromSequence` and those after it, `hashes` theirs. */
export interface OutboxPage {
  fromSequence: number;
  texts: string[];
  hashes: string[];
  /** It, or some of it, has been sent before. */
  isAgain: boolean;
}

/** What the outbox needs of the chain's owner. */
export interface PageOutboxPorts {
  /** Where the chain stands and how far it is acknowledged; `null` before there is one. */
  marks(): Marks | null;
  /** Rows after a sequence, in order, no more than so many. */
  rows(after: number, limit: number): ChainRow[];
  send(page: OutboxPage): Promise<unknown>;
  /** Writes how far the chain is acknowledged, in the caller's transaction. */
  mark(through: number): void;
  failed(error: unknown): void;
}

/**
 * The way of a chain to its consumer, for any owner of one. The mark moves only when the consumer has
 * acknowledged after its own commit; what is not acknowledged is sent again. Everything leaves from a
 * timer (and from the owner's alarm, when timers were lost with the object: it calls `wake` while this
 * is `pending`), never on the path of a request.
 */
export class PageOutbox {
  readonly #runtime: Runtime;
  readonly #ports: PageOutboxPorts;
  readonly #flight = new Flight();
  readonly #delays = new Delays();
  #isDraining = false;
  #timer: Timer | null = null;

  constructor(runtime: Runtime, ports: PageOutboxPorts) {
    this.#runtime = runtime;
    this.#ports = ports;
  }

  /** Whether the consumer still has to acknowledge something. */
  pending(marks = this.#ports.marks()): boolean {
    return marks !== null && marks.through < marks.sequence;
  }

  /** How long events took from when they happened to their acknowledgement, since the object woke. */
  get delays(): DelayFigures {
    return this.#delays.figures();
  }

  /** To be called after a commit that wrote to the chain, and by the alarm while something is pending. */
  wake(): void {
    this.#timer ??= this.#runtime.setTimer(() => {
      this.#timer = null;
      void this.drain();
    }, DRAIN_DELAY_MS);
  }

  /**
   * The consumer has everything of a span: the mark moves if nothing before it is missing, or it is
   * remembered until nothing is. To be called in a transaction.
   */
  acked(fromSequence: number, throughSequence: number): void {
    const marks = this.#ports.marks();
    if (!marks) return;
    const span = { fromSequence, throughSequence };
    const nowMs = this.#runtime.now();
    const through = this.#flight.markAfter(span, marks);
    if (through > marks.through) this.#ports.mark(through);
    for (const atMs of this.#flight.acked(span, marks, nowMs)) this.#delays.add(nowMs - atMs);
    if (through < marks.sequence) this.wake();
  }

  /** Sends what was not sent yet, and what has to be sent again; one drain at a time. */
  async drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let pages = 0; pages < DRAIN_MAX_PAGES; pages++) if (!(await this.#sendNext())) return;
      this.wake();
    } catch (error) {
      this.#ports.failed(error);
    } finally {
      this.#isDraining = false;
    }
  }

  async #sendNext(): Promise<boolean> {
    const marks = this.#ports.marks();
    const nowMs = this.#runtime.now();
    const span = marks && this.#flight.next(marks, nowMs);
    if (!span) return false;
    const page = this.#pageOf(span);
    const { fromSequence, texts } = page;
    if (texts.length === 0) throw new Error(`The chain has no row ${fromSequence}.`);
    this.#flight.sent(fromSequence, texts.map(atMsIn), nowMs);
    try {
      await this.#ports.send(page);
    } catch (error) {
      this.#flight.failed(fromSequence);
      throw error;
    }
    return true;
  }

  #pageOf({ fromSequence, throughSequence }: Span): OutboxPage {
    const limit = throughSequence - fromSequence + 1;
    const rows = rowsWithin(this.#ports.rows(fromSequence - 1, limit), PAGE_MAX_BYTES);
    return {
      fromSequence,
      texts: rows.map(({ text }) => text),
      hashes: rows.map(({ hash }) => hash),
      isAgain: fromSequence <= this.#flight.sentThrough,
    };
  }
}
