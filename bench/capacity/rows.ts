/*
 * What one command writes and reads, counted by the real runtime (`npm run growth`; test/system/growth.test.ts
 * and test/system/d1-rows.test.ts hold the figures that are billed). They do not depend on how much has been sold.
 */

/** Rows of one command: a part for each, and a part for the commit that several share. */
export interface Rows {
  each: number;
  commit: number;
}

/** Rows written in objects, index entries included. */
export const OBJECT_ROWS = {
  /** A place; with a batch the row in which it waits, written and deleted, a counter and a checkpoint. */
  laneJoin: { each: 1, commit: 4 },
  laneClaim: { each: 1, commit: 0 },
  /** The place; with a commit line, log entry, log tree and head. */
  lineJoin: { each: 1, commit: 4 },
  /** Asked, granted, the invitation's count; with a commit line, log entry and log tree. */
  lineClaim: { each: 5, commit: 3 },
  /** Who bought; with a report level, version, line, log entry and log tree. */
  lineReport: { each: 1, commit: 5 },
  /** For all tokens that expire in one second of an object a row is written, and deleted. */
  liveToken: { each: 0, commit: 2 },
  lineTick: { each: 0, commit: 5 },
  /** Hold, an index entry and ledger, and later two rows that find the hold; with a commit the item. */
  purchase: { each: 5, commit: 1 },
  checkout: { each: 5, commit: 0 },
  paymentDue: { each: 3, commit: 1 },
  paymentConfirmed: { each: 4, commit: 0 },
  paymentCaptured: { each: 3, commit: 0 },
  holdExpired: { each: 3, commit: 0 },
} as const satisfies Record<string, Rows>;

/** Of a purchase's rows those that are written some thousands of purchases later. */
export const PURCHASE_ROWS_LATER = 2;

/** Rows read in objects, about: they cost a thousandth. */
export const OBJECT_ROWS_READ = { join: 15, claim: 20, order: 60, tick: 100 };

/**
 * Rows of the tables that one order writes and reads which is paid by card, messages and mailbox included: by their queues,
 * as of a shop that sends e-mails, or in the mailbox at once.
 */
export const D1_ROWS = {
  byQueues: { written: 36.2, read: 32.65 },
  atOnce: { written: 32.2, read: 17.05 },
};

/** Storage that stays. */
export const BYTES = {
  /** A ticket in the line with its part of the log, `npm run growth`. */
  lineTicket: 650,
  laneTicket: 290,
  /** An item's hold with its ledger. */
  hold: 4_970,
  /** An event on its way in a ledger page. */
  event: 1_000,
  /** Rows and index entries of one order in D1: events, order, payment, two messages, two in the mailbox. */
  d1Order: 7_000,
};

/** Ledger events of an order that is paid by card: reserved, payment started, confirmed, captured. */
export const EVENTS_PER_ORDER = 4;
/** Reserved, and confirmed. */
export const MESSAGES_PER_ORDER = 2;
