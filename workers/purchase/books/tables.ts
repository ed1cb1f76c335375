import {
  auditEntries,
  ledgerEvents,
  messages,
  orders,
  payments,
  rebuiltAuditEntries,
  rebuiltLedgerEvents,
  rebuiltMessages,
  rebuiltOrders,
  rebuiltPayments,
  rebuiltStockLevels,
  stockLevels,
} from "../../../d1/schema.ts";

/** Everything that is made of the chains, and nothing else. */
export const LIVE_TABLES = {
  ledgerEvents,
  auditEntries,
  orders,
  payments,
  stockLevels,
  messages,
};

/** The same once more, to be made anew and compared. */
export const REBUILT_TABLES = {
  ledgerEvents: rebuiltLedgerEvents,
  auditEntries: rebuiltAuditEntries,
  orders: rebuiltOrders,
  payments: rebuiltPayments,
  stockLevels: rebuiltStockLevels,
  messages: rebuiltMessages,
};

/** The tables that a writer writes: those in use, or those that are rebuilt. */
export type BooksTables = {
  [Name in keyof typeof LIVE_TABLES]: (typeof LIVE_TABLES)[Name] | (typeof REBUILT_TABLES)[Name];
};
