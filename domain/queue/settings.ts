/** Queue settings of a sale, with the meanings of Cloudflare Waiting Room's fields of these names. */
export interface QueueSettings {
  queueingMethod: "fifo";
  /** Upper bound on claims in any 60 seconds. */
  newUsersPerMinute: number;
  /** Shoppers inside at once: hard. */
  totalActiveUsers: number;
  /** How long a pass is good for. */
  sessionDurationSeconds: number;
  /** How long an invitation waits for its shopper. */
  claimSeconds: number;
  /** Joins are put in order of arrival inside this window. */
  reorderWindowMs: number;
  lanes: number;
  /** From when shoppers may enter before the start; `null`: not before the start. */
  prequeueStartsAtMs: number | null;
  /** Who enters before the start gets a place by lot, drawn at the start. */
  shuffleAtStart: boolean;
}

/** What may be changed while a sale runs. */
export type LiveSettings = Partial<
  Pick<QueueSettings, "newUsersPerMinute" | "totalActiveUsers" | "sessionDurationSeconds">
>;

/** The contract's defaults. */
export const QUEUE_DEFAULTS: QueueSettings = {
  queueingMethod: "fifo",
  newUsersPerMinute: 600,
  totalActiveUsers: 500,
  sessionDurationSeconds: 300,
  claimSeconds: 90,
  reorderWindowMs: 250,
  lanes: 8,
  prequeueStartsAtMs: null,
  shuffleAtStart: false,
};

/** The reorder window's upper bound: what a shopper waits at most for being put in order. */
export const REORDER_WINDOW_MAX_MS = 500;
