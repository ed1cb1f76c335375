/**
 * Who gets in: in the order of arrival, by lot in rounds of half a minute, everyone at once as far as
 * the stock reaches, or nobody. Named as Cloudflare Waiting Room names them.
 */
export const QUEUEING_METHODS = ["fifo", "random", "passthrough", "reject"] as const;

export type QueueingMethod = (typeof QUEUEING_METHODS)[number];

/** Where a public random value comes from, and which one it is: a beacon's name and its round. */
export interface PublicRandomness {
  source: string;
  round: string;
}

/** Queue settings of a sale, with the meanings of Cloudflare Waiting Room's fields of these names. */
export interface QueueSettings {
  queueingMethod: QueueingMethod;
  /** Upper bound on claims in any 60 seconds. */
  newUsersPerMinute: number;
  /** Shoppers inside at once: hard. */
  totalActiveUsers: number;
  /** How long a pass is good for. */
  sessionDurationSeconds: number;
  /** A pass ends when it was said to: else it is renewed for whoever is still there. */
  disableSessionRenewal: boolean;
  /** How long an invitation waits for its shopper. */
  claimSeconds: number;
  /** Joins are put in order of arrival inside this window. */
  reorderWindowMs: number;
  lanes: number;
  /** From when shoppers may enter before the start; `null`: not before the start. */
  prequeueStartsAtMs: number | null;
  /** Who enters before the start gets a place by lot, drawn at the start. */
  shuffleAtStart: boolean;
  /**
   * A value that nobody knows before its time, named when the sale is created, and mixed into every draw's
   * seed when an operator has brought it; without one the seed alone decides. Only where places are drawn.
   */
  publicRandomness?: PublicRandomness | null;
  /** Who let the invitation or the pass lapse may come back, at the end of the line. */
  allowRejoin: boolean;
}

/** What admins change while a sale runs: who is let in, and what everyone is told. */
export interface LiveControls extends Pick<
  QueueSettings,
  "newUsersPerMinute" | "totalActiveUsers" | "sessionDurationSeconds" | "disableSessionRenewal"
> {
  /** Nobody more is let in; who is inside goes on buying. */
  queueAll: boolean;
  /** Rate and capacity are not applied: everyone is let in whom the stock can serve. */
  suspended: boolean;
  /** Nobody new gets a place; who is in line is served. */
  draining: boolean;
  /** Shown to everyone in line; `null`: nothing. */
  message: string | null;
}

/** The controls of a sale that nobody has touched. */
export function initialControls(queue: QueueSettings): LiveControls {
  const { newUsersPerMinute, totalActiveUsers } = queue;
  const { sessionDurationSeconds, disableSessionRenewal } = queue;
  return {
    newUsersPerMinute,
    totalActiveUsers,
    sessionDurationSeconds,
    disableSessionRenewal,
    queueAll: false,
    suspended: queue.queueingMethod === "passthrough",
    draining: false,
    message: null,
  };
}

/** Places that may be revoked in one sale: all of them are on the board that everyone gets. */
export const REVOKED_MAX_NUMBERS = 200;

/** The contract's defaults. */
export const QUEUE_DEFAULTS: QueueSettings = {
  queueingMethod: "fifo",
  newUsersPerMinute: 600,
  totalActiveUsers: 500,
  sessionDurationSeconds: 300,
  disableSessionRenewal: false,
  claimSeconds: 90,
  reorderWindowMs: 250,
  lanes: 8,
  prequeueStartsAtMs: null,
  shuffleAtStart: false,
  allowRejoin: true,
};

/** The reorder window's upper bound: what a shopper waits at most for being put in order. */
export const REORDER_WINDOW_MAX_MS = 500;
