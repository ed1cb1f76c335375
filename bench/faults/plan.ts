/** What is wrong on purpose with the system that a driver floods; zeros leave it as it is. */
export interface FaultPlan {
  /** Every call to a lane waits for a random time up to this. */
  laneDelayMs: number;
  /** In the middle of the sale the database answers nothing for so long. */
  databaseDownSeconds: number;
  /** Of 100 calls to the database so many fail, half of them after they did their work. */
  databaseBusyPercent: number;
  /** Every call to the database waits for a random time up to this. */
  databaseSlowMs: number;
  /** So often is every message of a queue delivered, in no order; 0 and 1: once. */
  doubled: number;
  /** Every object is aborted when it has lived for so long on average, in the middle of a call or at rest; 0: none is. */
  livesSeconds: number;
}

/** A system as it is. */
export const NO_FAULTS: FaultPlan = {
  laneDelayMs: 0,
  databaseDownSeconds: 0,
  databaseBusyPercent: 0,
  databaseSlowMs: 0,
  doubled: 0,
  livesSeconds: 0,
};

/** What became of the plan: a fault that did not happen proves nothing. */
export interface FaultFigures {
  /** Calls to the database that failed while it was away, … */
  callsDown: number;
  /** … and that were told it is busy. */
  callsBusy: number;
  /** When it went away, milliseconds since 1970; `null` before. */
  downAtMs: number | null;
  /** Deliveries beyond the first of a message. */
  copies: number;
  /** Objects that were aborted in the middle of a call, by class. */
  aborted: Record<string, number>;
  /** Objects that went out of memory while nobody asked anything of them, aborted or by the runtime, and were needed again. */
  evicted: Record<string, number>;
}

/** Who tells figures: each Worker with faults those of its isolate. */
export type Teller = "purchase" | "waiting-room";

/** Nothing has happened. */
export function noFigures(): FaultFigures {
  return { callsDown: 0, callsBusy: 0, downAtMs: null, copies: 0, aborted: {}, evicted: {} };
}

/** Counts one more of a class, or several. */
export function countClass(counts: Record<string, number>, name: string, more = 1): void {
  counts[name] = (counts[name] ?? 0) + more;
}

/** The classes of objects that every sale has, by the Worker that has them; an item may have intakes beside. */
export const OBJECT_CLASSES = {
  purchase: ["AuditLog", "ProviderBreaker", "Sku"],
  "waiting-room": ["LiveBoard", "LiveRoot", "QueueLane", "QueueSequencer"],
} as const;

/** Begins the lines of the log that tell the figures so far. */
export const FIGURES_MARK = "bench.faults ";

/** Whether the plan changes the module of the waiting room's Worker. */
export function changesWaitingRoom({ doubled, livesSeconds }: FaultPlan): boolean {
  return livesSeconds > 0 || doubled > 1;
}

/** Whether the plan changes the module of the purchase Worker. */
export function changesPurchase(plan: FaultPlan): boolean {
  const { databaseBusyPercent, databaseDownSeconds, databaseSlowMs } = plan;
  return databaseDownSeconds + databaseBusyPercent + databaseSlowMs > 0 || changesWaitingRoom(plan);
}

/** Whether anything at all is wrong. */
export function hasFaults(plan: FaultPlan): boolean {
  return plan.laneDelayMs > 0 || changesPurchase(plan);
}

/** What is wrong, a part of a sentence each. */
export function sentencesOf(plan: FaultPlan): string[] {
  const { databaseBusyPercent, databaseDownSeconds, databaseSlowMs } = plan;
  const { doubled, laneDelayMs, livesSeconds } = plan;
  return [
    ...(laneDelayMs > 0 ? [`0 to ${laneDelayMs} ms on every way to a lane`] : []),
    ...(databaseDownSeconds > 0 ? [`a database that goes away for ${databaseDownSeconds} s`] : []),
    ...(databaseBusyPercent > 0 ? [`${databaseBusyPercent} percent of its calls failing`] : []),
    ...(databaseSlowMs > 0 ? [`0 to ${databaseSlowMs} ms on every way to it`] : []),
    ...(doubled > 1 ? [`every message delivered ${doubled} times`] : []),
    ...(livesSeconds > 0 ? [`objects that are aborted after ${livesSeconds} s on average`] : []),
  ];
}
