import { array, constantFrom, integer, oneof, record, type Arbitrary } from "fast-check";
import type { LogEntry, LogEvent, LogTerms } from "../../log/leaf.ts";

const SALE = "drop";
export const NOON_MS = 1_700_000_000_000;

/** The terms of a line that nobody has changed. */
export function sampleTerms(fields: Partial<LogTerms> = {}): LogTerms {
  return {
    mode: "open",
    startsAtMs: NOON_MS,
    endsAtMs: NOON_MS + 3_600_000,
    seedHash: null,
    drawsMax: 0,
    publicRandomness: null,
    queueingMethod: "fifo",
    newUsersPerMinute: 3,
    totalActiveUsers: 2,
    sessionDurationSeconds: 40,
    disableSessionRenewal: false,
    claimSeconds: 10,
    reorderWindowMs: 5,
    prequeueStartsAtMs: null,
    shuffleAtStart: false,
    allowRejoin: true,
    ...fields,
  };
}

/** Entries at these times after noon. */
export function entriesOf(events: readonly (LogEvent & { after: number })[]): LogEntry[] {
  return events.map(({ after, ...event }) => ({ sale: SALE, atMs: NOON_MS + after, ...event }));
}

type Step = { passMs: number; event: LogEvent };

const number = integer({ min: 1, max: 7 });

const event: Arbitrary<LogEvent> = oneof(
  {
    weight: 4,
    arbitrary: record({
      kind: constantFrom("joined" as const),
      number: integer({ min: 0, max: 40 }),
      arrivedAtMs: integer({ min: NOON_MS - 20, max: NOON_MS + 20 }),
      stampMs: constantFrom(NOON_MS),
      binding: constantFrom("", "a1".repeat(32), "b2".repeat(32), "c3".repeat(32)),
    }),
  },
  { weight: 4, arbitrary: record({ kind: constantFrom("asked" as const), number }) },
  {
    weight: 5,
    arbitrary: record({
      kind: constantFrom("granted" as const),
      number,
      expiresAtMs: integer({ min: NOON_MS, max: NOON_MS + 300_000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      kind: constantFrom("over" as const),
      number,
      how: constantFrom("finished" as const, "left" as const, "lapsed" as const),
    }),
  },
  record({ kind: constantFrom("lapsed" as const), first: number, through: number }),
  record({
    kind: constantFrom("estimated" as const),
    number,
    minSeconds: integer({ min: 0, max: 30 }),
    maxSeconds: integer({ min: 30, max: 60 }),
  }),
  record({
    kind: constantFrom("led" as const),
    controls: record({
      newUsersPerMinute: integer({ min: 1, max: 4 }),
      totalActiveUsers: integer({ min: 1, max: 4 }),
      suspended: constantFrom(false, false, true),
      queueAll: constantFrom(false),
      draining: constantFrom(false),
      sessionDurationSeconds: constantFrom(40),
      disableSessionRenewal: constantFrom(false),
    }),
  }),
);

/** Logs of what may happen, in an order in which much of it should not. */
export const logs: Arbitrary<LogEntry[]> = array(
  record({ passMs: constantFrom(0, 0, 7, 20_000, 40_000), event }),
  { maxLength: 60 },
).map((steps) => entriesOf([{ after: 0, kind: "opened", terms: sampleTerms() }, ...timed(steps)]));

function timed(steps: readonly Step[]): (LogEvent & { after: number })[] {
  let after = 0;
  let joined = 0;
  return steps.map(({ passMs, event }) => {
    after += passMs;
    if (event.kind !== "joined") return { after, ...event };
    // Nine of ten are the next one.
    const isNext = (event.number ?? 0) > 4;
    const number = isNext ? (joined += 1) : (event.number ?? 0);
    joined = Math.max(joined, number);
    return { after, ...event, number };
  });
}
