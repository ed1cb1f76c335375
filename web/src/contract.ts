/** The shapes of the HTTP contract that the pages read and write, as they travel: times are RFC 3339 text. */
import type { Receipt } from "../../domain/log/receipt.ts";
import type { Flow } from "../../domain/queue/flow.ts";

/** An amount in minor units of an ISO 4217 currency: `{amount: 49900, currency: "EUR"}` is 499 euro. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** The answer to asking for a guest identity; `expiresIn` is in seconds. */
export interface GuestToken {
  readonly accessToken: string;
  readonly tokenType: "Bearer";
  readonly expiresIn: number;
}

/** One article of the catalogue; `images` are URLs, the first one stands for it. */
export interface Product {
  readonly productId: string;
  readonly name: string;
  readonly description?: string | null;
  readonly price: Money;
  readonly images?: readonly string[];
}

/** Where a sale is in its life; `sold_out` may reopen. */
export type SaleState =
  | "draft"
  | "scheduled"
  | "prequeue"
  | "active"
  | "paused"
  | "sold_out"
  | "ended";

/** One article of a sale, with the stock it was given. */
export interface SaleItem {
  readonly sku: string;
  readonly productId: string;
  readonly name: string;
  readonly salePrice: Money;
  readonly regularPrice: Money;
  readonly stock: number;
}

/** Who gets in: in the order of arrival, by a draw each half minute, everyone at once, or nobody. */
export type QueueingMethod = "fifo" | "random" | "passthrough" | "reject";

/** A public random value by where it comes from: a beacon and its round. */
export interface PublicRandomness {
  readonly source: string;
  readonly round: string;
}

/** The queue settings a shopper may know. */
export interface SaleQueueSettings {
  readonly queueingMethod?: QueueingMethod;
  readonly shuffleAtStart?: boolean;
  readonly sessionDurationSeconds?: number;
  /** Whether a turn ends at its first end, whatever its shopper does. */
  readonly disableSessionRenewal?: boolean;
  /** Whether who let a turn go by may join again. */
  readonly allowRejoin?: boolean;
  readonly prequeueStartsAt?: string | null;
  /** Nobody knows it when the sale is created; it decides the draw, too. */
  readonly publicRandomness?: PublicRandomness;
}

/** How many units of an article one shopper may have, one network, one card and one postal address; left out: any. */
export interface SaleLimits {
  readonly perShopper: number;
  readonly perAddress?: number;
  readonly perCard?: number;
  readonly perPostalAddress?: number;
}

/** A sale as it was set up. */
export interface Sale {
  readonly saleId: string;
  readonly name: string;
  readonly state: SaleState;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly allowGuests: boolean;
  readonly limits: SaleLimits;
  readonly items: readonly SaleItem[];
  readonly queue: SaleQueueSettings;
}

/** The stock of one item at one moment: `stock = available + held + sold`. */
export interface ItemStatus {
  readonly sku: string;
  readonly stock: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
  /** People on the waiting list; a shop of an older version does not say. */
  readonly waiting?: number;
  /** Numbers in line that it is offered to right now, newest first; not all of very many. */
  readonly offered?: readonly number[];
}

/** What everyone may know about a sale right now; at most two seconds old, `serverTime` is now. */
export interface SaleStatus {
  readonly saleId: string;
  readonly state: SaleState;
  readonly endingSoon: boolean;
  readonly allHeld: boolean;
  readonly asOf: string;
  readonly version: number;
  readonly serverTime: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly items: readonly ItemStatus[];
  readonly queue: {
    readonly state: string;
    readonly nowServing: number;
    readonly lastNumber: number;
    readonly ratePerMinute: number;
    readonly message: string | null;
  };
}

/** What a socket brings: the sale's status, on change. */
export interface LiveMessage extends SaleStatus {
  readonly type: "board";
  readonly isHeld: boolean;
  readonly flow: Flow | null;
  readonly revoked: readonly number[];
  /** The public value that a draw waits for; a shop of an older version does not say. */
  readonly drawsAfter?: PublicRandomness | null;
}

/** Where a socket is opened, once and within 30 seconds. */
export interface LiveAddress {
  readonly url: string;
}

/** Where a shopper is on the way through the line. */
export type QueueState =
  | "early"
  | "waiting"
  | "admitted"
  | "lapsed"
  | "expired"
  | "left"
  | "closed";

/** Why the line is closed for a shopper. */
export type ClosedReason = "sold_out" | "ended" | "revoked" | "rejected";

/** One shopper's place in the line of one sale. */
export interface QueueView {
  readonly state: QueueState;
  readonly reason: ClosedReason | null;
  readonly paused: boolean;
  readonly number: number | null;
  readonly ahead: number | null;
  readonly estimate: { readonly minSeconds: number; readonly maxSeconds: number } | null;
  readonly pollAfterMs: number;
  readonly nowServing: number | null;
  readonly message: string | null;
  /** When the place is drawn, where a draw is still to come. */
  readonly drawsAt?: string | null;
  /** The public value that the draw waits for. */
  readonly drawsAfter?: PublicRandomness;
  readonly ticket?: string;
  readonly pass?: string;
  readonly passExpiresAt?: string;
  /** Proof of the place, with the answer to a join; none where the shop keeps no log. */
  readonly receipt?: Receipt;
}

/** A shopper's place on the waiting list of one article; `position` 1 is next. */
export interface WaitlistView {
  readonly state: "waiting" | "offered" | "lapsed";
  readonly position: number | null;
  readonly quantity: number;
  readonly pollAfterMs: number;
  /** The order that was offered, and until when it can be paid. */
  readonly orderId?: string;
  readonly offerExpiresAt?: string;
}

/** Where an order is between hold and delivery. */
export type OrderStatus =
  | "RESERVED"
  | "PAYMENT_PENDING"
  | "CONFIRMED"
  | "SHIPPED"
  | "DELIVERED"
  | "EXPIRED"
  | "PAYMENT_FAILED"
  | "CANCELLED"
  | "REFUNDED";

/** An order, from the hold that opens it to its end. */
export interface Order {
  readonly orderId: string;
  readonly saleId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly total: Money;
  readonly status: OrderStatus;
  readonly version: number;
  readonly createdAt: string;
  readonly expiresAt?: string | null;
  readonly payment?: {
    readonly status: string;
    readonly attempts: number;
    readonly lastError?: string | null;
    /** When a payment under way is given up. */
    readonly deadline?: string;
  } | null;
  /** What the shopper has to do before the payment goes on. */
  readonly nextAction?: { readonly type: "redirect"; readonly url: string } | null;
}

/** Where an order goes; `country` is ISO 3166-1 alpha-2. */
export interface ShippingAddress {
  readonly name: string;
  readonly line1: string;
  readonly postalCode: string;
  readonly city: string;
  readonly country: string;
}

/**
 * How a shopper pays: with a provider's token for a card, or in cash on delivery. The address goes along
 * where a sale limits units by it.
 */
export type Payment = { readonly shippingAddress?: ShippingAddress } & (
  | { readonly paymentMethod: "card"; readonly paymentToken: string }
  | { readonly paymentMethod: "cod" }
);

/** The answer to a purchase: a hold with a deadline. */
export interface PurchaseAnswer {
  readonly orderId: string;
  readonly status: "RESERVED";
  readonly expiresAt: string;
  readonly total: Money;
}

/** The answer to a checkout: the payment runs from here on, or the order is made and paid on delivery. */
export interface CheckoutAnswer {
  readonly orderId: string;
  readonly status: "PAYMENT_PENDING" | "CONFIRMED";
}

/** The body of an `application/problem+json` answer. */
export interface ProblemBody {
  readonly status: number;
  readonly code: string;
  readonly title?: string;
  readonly detail?: string;
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly { readonly path?: string; readonly message?: string }[];
  readonly startsAt?: string;
  readonly limit?: number;
  readonly held?: number;
  readonly bought?: number;
  /** With `sold_out`: whether the waiting list takes people. */
  readonly waitlist?: boolean;
}

/** What the admin tells when creating a product. */
export interface NewProduct {
  readonly name: string;
  readonly description?: string;
  readonly price: Money;
  readonly images?: readonly string[];
}

/** What the admin tells when creating a sale; left-out settings get the contract's defaults. */
export interface NewSale {
  readonly name: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly allowGuests: boolean;
  readonly limits: SaleLimits;
  readonly holdSeconds: number;
  readonly items: readonly {
    readonly sku: string;
    readonly productId: string;
    readonly salePrice: Money;
    readonly stock: number;
  }[];
  readonly queue: {
    readonly newUsersPerMinute: number;
    readonly totalActiveUsers: number;
    readonly prequeueStartsAt?: string;
    readonly shuffleAtStart: boolean;
    readonly publicRandomness?: PublicRandomness;
  };
}

/** A sale as the admin sees it: live counters are null while the line does not answer. */
export interface AdminSale extends Omit<Sale, "items" | "queue"> {
  readonly items: readonly (SaleItem & {
    readonly available: number | null;
    readonly held: number | null;
    readonly sold: number | null;
  })[];
  readonly queue: SaleQueueSettings & {
    readonly nowServing: number | null;
    readonly lastNumber: number | null;
    readonly ratePerMinute: number | null;
    /** `isMissing`: the draw waits for the value. */
    readonly publicRandomness?: PublicRandomness & {
      readonly value: string | null;
      readonly isMissing: boolean;
    };
  };
}

/** An order as the admin sees it, with the place in line that bought. */
export interface AdminOrder extends Order {
  readonly number?: number;
  /** `card` or `cod`, once it was to be paid. */
  readonly paymentMethod?: string;
  /** Why its payment needs a person, in the shop's own words. */
  readonly attention?: string;
}

/** What became of those who waited for an article: they wait, have an open offer, bought, let one go, or left. */
export interface WaitlistCounts {
  readonly sku: string;
  readonly waiting: number;
  readonly offered: number;
  readonly bought: number;
  readonly lapsed: number;
  readonly left: number;
}

/** How a time is spread: half took at most the first, 99 of 100 the last. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** The figures of one sale for the admin. */
export interface SaleSummary {
  readonly sold: number;
  readonly revenue: Money | null;
  readonly orders: { readonly byStatus: Readonly<Record<string, number>> };
  readonly shoppers: number;
  readonly conversion?: number | null;
  /** This and the times: when the sale has ended. */
  readonly peakPerMinute?: number | null;
  readonly waitMs?: Percentiles | null;
  readonly purchaseMs?: Percentiles | null;
  readonly oversold: number;
  /** By article; a shop of an older version does not say. */
  readonly waitlist?: readonly WaitlistCounts[];
  readonly soldOutAt?: string | null;
  readonly objects?: {
    readonly sequencer?: { readonly inside: number; readonly peakInside: number };
  };
}

/** What a shopper may answer at the bank of the payment sandbox. */
export type BankAnswer = "approve" | "decline";

/** A payment as that bank shows it; `closed`: given up before there was an answer. */
export interface BankPayment {
  readonly orderId: string;
  readonly merchant: string;
  readonly amount: Money;
  readonly state: "open" | "approved" | "declined" | "closed";
}

/** A message to the shopper; `orderId` is left out of one that is about no order. */
export interface Notification {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  readonly orderId?: string;
  readonly at: string;
}
