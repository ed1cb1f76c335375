import type { Dice } from "./dice.ts";

/**
 * Everything that can go wrong beneath the code, and how often it does in a seed that has it: a share
 * of the occasions (calls, messages, commits, alarms), or of the seconds for those that come by time.
 */
export const FAULT_SHARES = {
  /** A request that never arrives. */
  "call.lost": 0.05,
  /** A reply that never arrives: the callee has done it. */
  "reply.lost": 0.05,
  /** A request or reply that takes up to ten seconds. */
  "call.slow": 0.02,
  /** An object that goes under while something it sent, or was sent, is on its way. */
  "object.crashed": 0.02,
  /** A commit that fails: what it would have written is gone, and the object with it. */
  "commit.failed": 0.01,
  /** An object that goes under after a commit, before its replies leave. */
  "object.crashed_after_commit": 0.02,
  /** A commit that takes up to three seconds. */
  "commit.slow": 0.02,
  /** All objects are reset at once, as a deploy does. */
  "objects.reset": 0.03,
  /** One node can reach nobody, and nobody it, for up to twenty seconds. */
  "node.partitioned": 0.02,
  /** Two who speak with each other cannot, for up to twenty seconds; everybody else can. */
  "link.cut": 0.06,
  /** The same for answers alone: requests arrive. */
  "link.muted": 0.06,
  /** An alarm that comes up to a minute late. */
  "alarm.late": 0.1,
  /** An alarm that comes again though it was handled. */
  "alarm.doubled": 0.05,
  /** A timer that fires late: the machine had no time. */
  "timer.late": 0.02,
  /** A queue that does not take a message. */
  "queue.refused": 0.05,
  /** A message that the queue took and lost. */
  "queue.lost": 0.05,
  /** A message that is delivered twice. */
  "queue.doubled": 0.1,
  /** Half a minute in which a queue delivers every message five times, in any order. */
  "queue.storm": 0.01,
  /** A message that is overtaken by others for up to thirty seconds. */
  "queue.late": 0.1,
  /** A consumer that dies in the middle of a batch. */
  "consumer.crashed": 0.05,
  /** A database that answers nothing for a while. */
  "database.down": 0.05,
  /** A database that does what it is asked up to five seconds late, or says so that late. */
  "database.slow": 0.1,
  /** A database that refuses one batch because others are at work on it. */
  "database.busy": 0.1,
  /** A database that answers nobody for ten minutes: far longer than everything else goes wrong. */
  "database.out": 0.0015,
  /** A replica that has not heard of the latest writes. */
  "replica.behind": 0.5,
  /** A minute's round that never runs, or dies on its way. */
  "cron.missed": 0.2,
  /** A minute's round that runs twice at the same time. */
  "cron.doubled": 0.2,
  /** A message that does not reach its shopper at this try. */
  "mail.refused": 0.15,
  /** A payment provider whose answer is not known in time, though it may have acted. */
  "provider.unknown": 0.1,
  /** A payment provider that answers nobody for long enough that a payment is given up. */
  "provider.down": 0.1,
  /** A payment provider that acts long after its caller has given the call up. */
  "provider.late": 0.15,
  /** A payment provider that says a definite no to a step that moves money. */
  "provider.refused": 0.1,
  /** A message that no consumer can handle, at any try. */
  "queue.poisoned": 0.05,
  /** A notice of the provider that never comes, for all that it tries. */
  "notice.lost": 0.2,
  /** One that comes up to a minute late, behind whatever the provider says meanwhile. */
  "notice.late": 0.2,
  /** One that comes twice. */
  "notice.doubled": 0.2,
  /** One that comes before the answer of the call that it is about. */
  "notice.first": 0.2,
  /** Beside a true one, one that must not be believed. */
  "notice.false": 0.3,
  /** A socket that is lost with what it should have brought; neither side may notice for a while. */
  "socket.dropped": 0.05,
  /** A frame on a socket that takes up to ten seconds, and those behind it. */
  "socket.late": 0.05,
  /** An object that does nothing but hold sockets, and leaves memory: of the looks at such a one. */
  "socket.hibernated": 0.9,
  /** A node whose clock is wrong from the start. */
  "clock.skewed": 0.3,
  /** A node whose clock jumps. */
  "clock.jumped": 0.02,
} as const satisfies Record<string, number>;

export type FaultKind = keyof typeof FAULT_SHARES;

/** How often some faults happen, where it is not as often as `FAULT_SHARES` says. */
export type FaultShares = Readonly<Partial<Record<FaultKind, number>>>;

export const FAULT_KINDS = Object.keys(FAULT_SHARES) as FaultKind[];

/** Faults that came later are drawn from dice of their own, so that the seeds of before stay as they were. */
export const LATER_FAULT_KINDS: ReadonlySet<FaultKind> = new Set([
  "queue.poisoned",
  "queue.storm",
  "database.slow",
  "database.busy",
  "database.out",
  "replica.behind",
  "cron.missed",
  "cron.doubled",
  "mail.refused",
  "notice.lost",
  "notice.late",
  "notice.doubled",
  "notice.first",
  "notice.false",
  "link.cut",
  "link.muted",
  "socket.dropped",
  "socket.late",
  "socket.hibernated",
]);

/** Decides which faults happen, and counts them. */
export class Faults {
  readonly counts = new Map<FaultKind, number>();
  readonly #dice: ReadonlyMap<FaultKind, Dice>;
  readonly #shares: Readonly<Record<FaultKind, number>>;
  #stopped = false;

  /** @param kinds the faults of this seed; others never happen. */
  constructor(dice: Dice, kinds: readonly FaultKind[], shares: FaultShares = {}) {
    this.#shares = { ...FAULT_SHARES, ...shares };
    this.#dice = new Map(kinds.map((kind) => [kind, dice.fork(kind)]));
  }

  /** Whether the fault may happen in this seed. */
  has(kind: FaultKind): boolean {
    return this.#dice.has(kind);
  }

  /** Whether the fault happens on this occasion. */
  happens(kind: FaultKind): boolean {
    const dice = this.#dice.get(kind);
    if (this.#stopped || !dice?.chance(this.#shares[kind])) return false;
    this.count(kind);
    return true;
  }

  count(kind: FaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  /** From here on nothing goes wrong any more. */
  stop(): void {
    this.#stopped = true;
  }
}
