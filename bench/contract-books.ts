/** The parts of the contract about the books; guards as in `contract.ts`. */

/** One difference that a reconciliation has found; it names its row. */
export interface Difference {
  kind: string;
  table: string;
  key: string;
  field?: string;
  expected?: unknown;
  found?: unknown;
}

/** How the books of one item came out. */
export interface ReconciledItem {
  sku: string;
  ok: boolean;
  /** All differences; at most 100 are listed. */
  count: number;
  differences: Difference[];
  figures: {
    events: number;
    orders: number;
    payments: number;
    /** At the provider; null where its books cannot be read. */
    charges: number | null;
    messages: number;
    delivered: number;
    /** Orders that moved while they were compared. */
    unsettled: number;
  };
}

/** Answer of a reconciliation. */
export interface ReconciledPage {
  items: ReconciledItem[];
  cursor?: string;
}

/** A message as its shopper reads it; `id` is the event that it tells of. */
export interface MessageRead {
  id: string;
  kind: string;
  orderId?: string;
}

/** The same as staff see it. */
export interface MessageTold extends MessageRead {
  shopper: string;
  state: string;
}

/** A page of messages. */
export interface MessagePage<Message extends MessageRead> {
  notifications: Message[];
  cursor?: string;
}

/** Something that needs a person, and is no order's payment. */
export interface AttentionItem {
  itemId: string;
  kind: string;
  detail: string;
  resolvedAt?: string;
}

/** A page of what needs a person, of the part that is no order. */
export interface AttentionPage {
  items: AttentionItem[];
  cursor?: string | null;
}

/** The answer of a reconciliation. */
export function isReconciledPage(body: object): body is ReconciledPage {
  return "items" in body && Array.isArray(body.items);
}

/** A page of messages, of a shopper's own or of all. */
export function isMessagePage<Message extends MessageRead>(
  body: object,
): body is MessagePage<Message> {
  return "notifications" in body && Array.isArray(body.notifications);
}

/** A page of what needs a person. */
export function isAttentionPage(body: object): body is AttentionPage {
  return "items" in body && Array.isArray(body.items);
}
