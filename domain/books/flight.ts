/*
 * The pages of a chain that are on their way to its consumer: which leaves next, what an acknowledgement
 * comes to, what has to be sent again. The consumer may be down for minutes, and answers in any order.
 */

/** Events of one page: with whole rows mostly about 60 KB. */
export const PAGE_MAX_EVENTS = 100;
/** Pages on their way at once: seconds of the fastest item, and all that piles up while nobody answers. */
export const FLIGHT_MAX_PAGES = 100;
/** Pages sent again in one go while nothing is heard: enough to find out, too few to burden. */
export const RESEND_MAX_PAGES = 10;
/** A mark that stands still for this long misses a page … */
export const RESEND_AFTER_MS = 5_000;
/** … and each further time twice as long, up to this, until something is acknowledged. */
export const RESEND_AFTER_MAX_MS = 60_000;
/** Stretches acknowledged above a gap, as they are remembered: many times what is on its way. */
export const ACKED_MAX_SPANS = 1_000;

/** Events that follow each other, first and last included. */
export interface Span {
  fromSequence: number;
  throughSequence: number;
}

/** Where a chain stands, and up to where its consumer has everything: the mark. */
export interface Marks {
  sequence: number;
  through: number;
}

interface FlyingPage extends Span {
  /** When each of its events happened. */
  eventsAtMs: readonly number[];
  /** `null`: it is to be sent, again or because it could not be. */
  sentAtMs: number | null;
}

/**
 * What is on its way, in memory alone: after a restart everything above the mark is sent again. What is
 * acknowledged above a gap is remembered, so that only what is missing goes out again.
 */
export class Flight {
  #pages: FlyingPage[] = [];
  /** Acknowledged above a gap: in order, with something missing between any two. */
  #acked: Span[] = [];
  #sentThrough = 0;
  /** When the mark moved last, or pages were last sent again because it did not. */
  #stillSinceMs = 0;
  #resendAfterMs = RESEND_AFTER_MS;

  /** Up to here everything has been sent at least once since the owner woke. */
  get sentThrough(): number {
    return this.#sentThrough;
  }

  /** How many pages are on their way. */
  get pages(): number {
    return this.#pages.length;
  }

  /** What is to leave next, `null` when nothing: a page once more, or as much as a new one may hold. */
  next({ sequence, through }: Marks, nowMs: number): Span | null {
    this.#doubtSilence(nowMs);
    const again = this.#pages.find(({ sentAtMs }) => sentAtMs === null);
    if (again) return again;
    if (this.#pages.length >= FLIGHT_MAX_PAGES) return null;
    let last = Math.max(this.#sentThrough, through);
    const above = this.#acked.filter(({ throughSequence }) => throughSequence > last);
    while (above[0] && above[0].fromSequence <= last + 1)
      last = above.shift()?.throughSequence ?? last;
    const gapEnds = above[0] ? above[0].fromSequence - 1 : sequence;
    if (last >= gapEnds) return null;
    return {
      fromSequence: last + 1,
      throughSequence: Math.min(gapEnds, last + PAGE_MAX_EVENTS),
    };
  }

  /** A page leaves that begins here, with an event for each of these times. */
  sent(fromSequence: number, eventsAtMs: readonly number[], nowMs: number): void {
    const known = this.#pages.find((page) => page.fromSequence === fromSequence);
    if (known) {
      known.sentAtMs = nowMs;
      return;
    }
    const throughSequence = fromSequence + eventsAtMs.length - 1;
    this.#pages.push({ fromSequence, throughSequence, eventsAtMs, sentAtMs: nowMs });
    this.#sentThrough = throughSequence;
  }

  /** The page that begins here could not be sent. */
  failed(fromSequence: number): void {
    for (const page of this.#pages) if (page.fromSequence === fromSequence) page.sentAtMs = null;
  }

  /** The mark after an acknowledgement: it moves over nothing that is missing. Changes nothing. */
  markAfter({ fromSequence, throughSequence }: Span, { sequence, through }: Marks): number {
    if (fromSequence > through + 1) return through;
    let mark = Math.max(through, Math.min(throughSequence, sequence));
    for (const span of this.#acked)
      if (span.fromSequence <= mark + 1) mark = Math.max(mark, span.throughSequence);
    return mark;
  }

  /**
   * Takes an acknowledgement, given the marks before it: when each event happened that was waited for
   * until now. A page that left well before one that has arrived is taken for lost.
   */
  acked(span: Span, before: Marks, nowMs: number): number[] {
    const through = this.markAfter(span, before);
    if (span.fromSequence > through + 1 && !this.#remember(span, before)) return [];
    const pages: FlyingPage[] = [];
    const heardAtMs: number[] = [];
    let arrivedSentAtMs = -Infinity;
    for (const page of this.#pages) {
      const { missing, arrivedAtMs } = split(page, through, span);
      pages.push(...missing);
      heardAtMs.push(...arrivedAtMs);
      if (arrivedAtMs.length > 0)
        arrivedSentAtMs = Math.max(arrivedSentAtMs, page.sentAtMs ?? -Infinity);
    }
    for (const page of pages)
      if (arrivedSentAtMs - (page.sentAtMs ?? Infinity) >= RESEND_AFTER_MS) page.sentAtMs = null;
    this.#pages = pages;
    this.#acked = this.#acked.filter(({ throughSequence }) => throughSequence > through);
    const hasMoved = through > before.through;
    if (hasMoved) this.#stillSinceMs = nowMs;
    if (hasMoved || heardAtMs.length > 0) this.#resendAfterMs = RESEND_AFTER_MS;
    return heardAtMs;
  }

  /** Whether there was room to remember it. */
  #remember({ fromSequence, throughSequence }: Span, { sequence }: Marks): boolean {
    // Of what is not there yet nobody can have anything.
    if (fromSequence > sequence) return false;
    const merged = { fromSequence, throughSequence: Math.min(throughSequence, sequence) };
    const apart = this.#acked.filter((span) => {
      if (span.throughSequence < merged.fromSequence - 1) return true;
      if (span.fromSequence > merged.throughSequence + 1) return true;
      merged.fromSequence = Math.min(merged.fromSequence, span.fromSequence);
      merged.throughSequence = Math.max(merged.throughSequence, span.throughSequence);
      return false;
    });
    if (apart.length >= ACKED_MAX_SPANS) return false;
    const at = apart.findIndex((span) => span.fromSequence > merged.fromSequence);
    apart.splice(at < 0 ? apart.length : at, 0, merged);
    this.#acked = apart;
    return true;
  }

  /** When the mark has stood still for too long, the oldest pages are sent again; the next time waits longer. */
  #doubtSilence(nowMs: number): void {
    const isOver = (sinceMs: number): boolean => {
      // A clock that was set back tells nothing.
      return nowMs < sinceMs || nowMs - sinceMs >= this.#resendAfterMs;
    };
    if (!isOver(this.#stillSinceMs)) return;
    const overdue = this.#pages
      .filter(({ sentAtMs }) => sentAtMs !== null && isOver(sentAtMs))
      .slice(0, RESEND_MAX_PAGES);
    if (overdue.length === 0) return;
    for (const page of overdue) page.sentAtMs = null;
    this.#stillSinceMs = nowMs;
    this.#resendAfterMs = Math.min(2 * this.#resendAfterMs, RESEND_AFTER_MAX_MS);
  }
}

/** What of a page is still missing, in pieces, and when the rest of its events happened. */
function split(
  page: FlyingPage,
  through: number,
  acked: Span,
): { missing: FlyingPage[]; arrivedAtMs: number[] } {
  const missing: FlyingPage[] = [];
  const arrivedAtMs: number[] = [];
  if (page.fromSequence > Math.max(through, acked.throughSequence))
    return { missing: [page], arrivedAtMs };
  for (const [index, atMs] of page.eventsAtMs.entries()) {
    const sequence = page.fromSequence + index;
    const isAcked = sequence >= acked.fromSequence && sequence <= acked.throughSequence;
    const last = missing.at(-1);
    if (sequence <= through || isAcked) arrivedAtMs.push(atMs);
    else if (last?.throughSequence === sequence - 1) {
      last.throughSequence = sequence;
      last.eventsAtMs = [...last.eventsAtMs, atMs];
    } else
      missing.push({
        fromSequence: sequence,
        throughSequence: sequence,
        eventsAtMs: [atMs],
        sentAtMs: page.sentAtMs,
      });
  }
  return { missing, arrivedAtMs };
}
