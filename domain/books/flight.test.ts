import { array, assert, constant, integer, nat, oneof, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ACKED_MAX_SPANS,
  Flight,
  FLIGHT_MAX_PAGES,
  PAGE_MAX_EVENTS,
  RESEND_AFTER_MAX_MS,
  RESEND_AFTER_MS,
  RESEND_MAX_PAGES,
  type Span,
} from "./flight.ts";

/** Pages of one drain. */
const DRAIN_PAGES = 10;
const TEN_MINUTES_MS = 600_000;

/** A chain, its consumer and what is between them, in a test's hands. */
class Line {
  nowMs = 1_000_000;
  flight = new Flight();
  readonly marks = { sequence: 0, through: 0 };
  /** Everything that was ever sent. */
  readonly sent: Span[] = [];
  /** What the consumer has acknowledged, whatever the mark says. */
  readonly acked = new Set<number>();
  readonly heardAtMs: number[] = [];

  append(events: number): void {
    this.marks.sequence += events;
  }

  /** Sends what is due, and returns it. */
  drain(): [number, number][] {
    const sent: [number, number][] = [];
    for (let pages = 0; pages < DRAIN_PAGES; pages++) {
      const span = this.flight.next(this.marks, this.nowMs);
      if (!span) break;
      const { fromSequence, throughSequence } = span;
      const events = throughSequence - fromSequence + 1;
      this.flight.sent(
        fromSequence,
        Array.from({ length: events }).fill(this.nowMs) as number[],
        this.nowMs,
      );
      this.sent.push({ fromSequence, throughSequence });
      sent.push([fromSequence, throughSequence]);
    }
    return sent;
  }

  ack(fromSequence: number, throughSequence: number): number {
    const span = { fromSequence, throughSequence };
    const through = this.flight.markAfter(span, this.marks);
    this.heardAtMs.push(...this.flight.acked(span, this.marks, this.nowMs));
    this.marks.through = through;
    for (let event = fromSequence; event <= throughSequence; event++) this.acked.add(event);
    return through;
  }

  /** Time passes, with a drain every second as the alarm brings it; what was sent. */
  pass(forMs: number): [number, number][] {
    const sent: [number, number][] = [];
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs;) {
      this.nowMs = Math.min(this.nowMs + 1_000, untilMs);
      sent.push(...this.drain());
    }
    return sent;
  }

  restart(): void {
    this.flight = new Flight();
  }
}

/** A line with so many events that were all sent once. */
function lineWith(events: number): Line {
  const line = new Line();
  line.append(events);
  while (line.drain().length > 0);
  line.sent.length = 0;
  return line;
}

describe("new events", () => {
  it("leave in pages of a hundred, in order, and once", () => {
    const line = new Line();
    line.append(250);
    expect(line.drain()).toEqual([
      [1, 100],
      [101, 200],
      [201, 250],
    ]);
    expect(line.drain()).toEqual([]);
    line.append(1);
    expect(line.drain()).toEqual([[251, 251]]);
  });

  it("wait while as many pages as may be are on their way", () => {
    const line = lineWith((FLIGHT_MAX_PAGES + 5) * PAGE_MAX_EVENTS);
    expect(line.flight.pages).toBe(FLIGHT_MAX_PAGES);
    line.ack(1, 100);
    const next = FLIGHT_MAX_PAGES * PAGE_MAX_EVENTS;
    expect(line.drain()).toEqual([[next + 1, next + 100]]);
  });

  it("that could not be sent are next", () => {
    const line = lineWith(200);
    line.flight.failed(1);
    line.append(10);
    expect(line.drain()).toEqual([
      [1, 100],
      [201, 210],
    ]);
  });
});

describe("an acknowledgement", () => {
  it("above a gap is remembered: the mark jumps when the gap closes", () => {
    const line = lineWith(500);
    expect(line.ack(401, 500)).toBe(0);
    expect(line.ack(101, 200)).toBe(0);
    expect(line.ack(201, 300)).toBe(0);
    expect(line.ack(1, 100)).toBe(300);
    expect(line.ack(301, 400)).toBe(500);
    expect(line.flight.pages).toBe(0);
  });

  it("that is repeated, old or of nothing changes nothing", () => {
    const line = lineWith(200);
    line.ack(1, 100);
    expect(line.ack(1, 100)).toBe(100);
    expect(line.ack(1, 50)).toBe(100);
    expect(line.ack(500, 600)).toBe(100);
    expect(line.heardAtMs).toHaveLength(100);
    expect(line.ack(101, 900)).toBe(200);
  });

  it("of pages cut elsewhere leaves what is missing of each", () => {
    const line = lineWith(300);
    line.ack(51, 120);
    line.ack(150, 250);
    const missing = [
      [1, 50],
      [121, 149],
      [251, 300],
    ];
    line.nowMs += RESEND_AFTER_MS;
    expect(line.drain()).toEqual(missing);
  });

  it("of what is not there yet is not remembered", () => {
    const line = lineWith(200);
    line.ack(150, 600);
    line.ack(300, 400);
    line.append(300);
    line.ack(1, 149);
    expect(line.marks.through).toBe(200);
    expect(line.drain()[0]).toEqual([201, 300]);
    expect(line.drain()).toEqual([]);
    expect(line.sent.at(-1)).toEqual({ fromSequence: 401, throughSequence: 500 });
  });

  it("from before a restart spares what has arrived", () => {
    const line = lineWith(350);
    line.restart();
    line.ack(101, 180);
    line.ack(301, 320);
    line.ack(400, 500);
    expect(line.drain()).toEqual([
      [1, 100],
      [181, 280],
      [281, 300],
      [321, 350],
    ]);
  });

  it("says when each event happened, once", () => {
    const line = new Line();
    line.append(2);
    line.flight.sent(1, [5, 7], line.nowMs);
    line.ack(1, 1);
    line.ack(1, 2);
    expect(line.heardAtMs).toEqual([5, 7]);
  });

  it("is as if it had not come when too many are remembered", () => {
    const line = new Line();
    line.append(4 * ACKED_MAX_SPANS);
    for (let span = 1; span <= ACKED_MAX_SPANS; span++) line.ack(2 * span, 2 * span);
    const last = 2 * ACKED_MAX_SPANS;
    line.flight.sent(last + 2, [0], line.nowMs);
    line.ack(last + 2, last + 2);
    expect(line.flight.pages).toBe(1);
    for (let gap = 1; gap <= last + 1; gap += 2) line.ack(gap, gap);
    expect(line.marks.through).toBe(last + 1);
  });
});

describe("a page that is lost", () => {
  it("is sent again after five seconds, and nothing else", () => {
    const line = lineWith(500);
    line.ack(101, 200);
    line.ack(201, 500);
    expect(line.pass(RESEND_AFTER_MS - 1_000)).toEqual([]);
    line.append(50);
    line.drain();
    expect(line.pass(1_000)).toEqual([[1, 100]]);
  });

  it("does not stop those after it, and is sent again while they go on", () => {
    const line = lineWith(100);
    const again: number[] = [];
    for (let seconds = 1; seconds <= 12; seconds++) {
      line.append(100);
      for (const [from, through] of line.pass(1_000))
        if (from === 1) again.push(seconds);
        else line.ack(from, through);
    }
    expect(again).toEqual([5, 10]);
    expect(line.ack(1, 100)).toBe(1_300);
  });

  it("is sent again at once when something has arrived that left long after it", () => {
    const line = lineWith(2_000);
    line.pass(35_000);
    line.sent.length = 0;
    for (let page = 0; page < RESEND_MAX_PAGES; page++) line.ack(page * 100 + 1, page * 100 + 100);
    expect(line.drain()).toEqual(
      Array.from({ length: 10 }, (_, page) => [1_001 + page * 100, 1_100 + page * 100]),
    );
  });

  it("is not one that waits its turn while the mark goes on", () => {
    const line = lineWith(5_000);
    for (let page = 0; page < 50; page++) {
      expect(line.pass(1_000)).toEqual([]);
      line.ack(page * 100 + 1, page * 100 + 100);
    }
    expect(line.marks.through).toBe(5_000);
  });
});

describe("ten minutes without an answer", () => {
  it("cost some pages, asked for less and less often, and no more than are on their way at once", () => {
    const line = lineWith(100 * FLIGHT_MAX_PAGES * PAGE_MAX_EVENTS);
    const sent = line.pass(TEN_MINUTES_MS);
    // After 5, 10, 20, 40 and then every 60 seconds.
    expect(sent).toHaveLength(12 * RESEND_MAX_PAGES);
    expect(line.flight.pages).toBe(FLIGHT_MAX_PAGES);
    expect(new Set(sent.map(([from]) => from)).size).toBe(RESEND_MAX_PAGES);
  });

  it("are over with the first answer: all that is missing is there soon", () => {
    const line = lineWith(FLIGHT_MAX_PAGES * PAGE_MAX_EVENTS);
    line.pass(TEN_MINUTES_MS);
    let seconds = 0;
    for (; line.marks.through < line.marks.sequence; seconds++)
      for (const [from, through] of line.pass(1_000)) line.ack(from, through);
    expect(seconds).toBeLessThan(RESEND_AFTER_MAX_MS / 1_000 + 15);
  });

  it("end with a pause of five seconds again", () => {
    const line = lineWith(200);
    line.pass(TEN_MINUTES_MS);
    line.ack(1, 100);
    line.append(100);
    line.drain();
    expect(line.pass(RESEND_AFTER_MS - 1_000)).toEqual([]);
    expect(line.pass(1_000)).toEqual([
      [101, 200],
      [201, 300],
    ]);
  });
});

it("a clock that was set back delays nothing", () => {
  const line = lineWith(100);
  line.nowMs -= TEN_MINUTES_MS;
  expect(line.drain()).toEqual([[1, 100]]);
  expect(line.drain()).toEqual([]);
});

const steps = array(
  oneof(
    record({ do: constant("append" as const), events: integer({ min: 1, max: 350 }) }),
    record({ do: constant("pass" as const), ms: integer({ min: 0, max: 90_000 }) }),
    record({ do: constant("deliver" as const), page: nat({ max: 60 }) }),
    record({ do: constant("jump" as const), ms: integer({ min: -60_000, max: 60_000 }) }),
    record({ do: constant("restart" as const) }),
  ),
  { maxLength: 60 },
);

it("loses nothing, passes nothing over and sends nothing that has arrived, in whatever order things come", () => {
  assert(
    property(steps, (script) => {
      const line = new Line();
      let ofThisLife = new Set<number>();
      const drainAndCheck = (drain: () => [number, number][]): void => {
        for (const [from, through] of drain()) {
          expect(through - from).toBeLessThan(PAGE_MAX_EVENTS);
          for (let event = from; event <= through; event++)
            expect(ofThisLife.has(event)).toBe(false);
        }
        expect(line.flight.pages).toBeLessThanOrEqual(FLIGHT_MAX_PAGES);
      };
      const deliver = ({ fromSequence, throughSequence }: Span): void => {
        line.ack(fromSequence, throughSequence);
        for (let event = fromSequence; event <= throughSequence; event++) ofThisLife.add(event);
        for (let event = 1; event <= line.marks.through; event++)
          expect(line.acked.has(event)).toBe(true);
      };
      for (const step of script) {
        if (step.do === "append") line.append(step.events);
        else if (step.do === "jump") line.nowMs += step.ms;
        else if (step.do === "restart") {
          line.restart();
          ofThisLife = new Set();
        } else if (step.do === "pass") drainAndCheck(() => line.pass(step.ms));
        else {
          const page = line.sent[line.sent.length - 1 - step.page];
          if (page) deliver(page);
        }
      }
      // Everything arrives from now on: then everything has, in minutes.
      for (let seconds = 0; seconds < 200; seconds++)
        drainAndCheck(() => {
          const sent = line.pass(1_000);
          for (const [fromSequence, throughSequence] of sent)
            line.ack(fromSequence, throughSequence);
          return [];
        });
      expect(line.marks.through).toBe(line.marks.sequence);
    }),
    { numRuns: 300 },
  );
});
