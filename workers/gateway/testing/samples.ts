import type { CataloguedSale } from "../../../domain/catalogue.ts";
import { refuse } from "../../../domain/problem.ts";
import type { OrderRow } from "../../../domain/purchase/ledger.ts";
import type { SaleState } from "../../../domain/purchase/sale.ts";
import type { Board } from "../../../domain/queue/board.ts";
import { initialControls, QUEUE_DEFAULTS } from "../../../domain/queue/settings.ts";
import type { PlaceAnswer } from "../../../durable-objects/queue-lane.ts";
import type { WaitlistAnswer, WaitlistPlace } from "../../../durable-objects/sku-waitlist.ts";

/** Noon of an ordinary day. */
export const NOON_MS = 1_795_262_400_000;
const HOUR_MS = 3_600_000;

/** What a lane answers about a place. */
export function placeAnswer(fields: Partial<PlaceAnswer>): PlaceAnswer {
  const times = { arrivedAtMs: NOON_MS, claimedAtMs: null, expiresAtMs: null };
  return { ok: true, first: false, lane: 0, number: 1, state: "placed", ...times, ...fields };
}

/** A lane's answer to a claim that was granted for five minutes. */
export function grantedAnswer(fields: Partial<PlaceAnswer> = {}): PlaceAnswer {
  const times = { claimedAtMs: NOON_MS, expiresAtMs: NOON_MS + 300_000 };
  return placeAnswer({ state: "granted", ...times, ...fields });
}

/** What an item answers about a place on its waiting list: the third, for one unit. */
export function waitlistAnswer(fields: Partial<WaitlistPlace>, isNew = false): WaitlistAnswer {
  const place: WaitlistPlace = {
    state: "waiting",
    position: 3,
    number: 1,
    quantity: 1,
    orderId: null,
    offerExpiresAtMs: null,
    ...fields,
  };
  return { ok: true, isNew, place };
}

/** What makes the sample sale be in a state at noon: readers judge it anew. */
const FACTS_OF_STATE: Record<SaleState, Partial<Board>> = {
  draft: { mode: "draft" },
  scheduled: { startsAtMs: NOON_MS + HOUR_MS, endsAtMs: NOON_MS + 2 * HOUR_MS },
  prequeue: {
    prequeueStartsAtMs: NOON_MS - HOUR_MS,
    startsAtMs: NOON_MS + HOUR_MS,
    endsAtMs: NOON_MS + 2 * HOUR_MS,
  },
  active: {},
  paused: { mode: "paused" },
  sold_out: { levels: [{ sku: "phone-1", stock: 5, available: 0, held: 0, sold: 5 }] },
  ended: { mode: "ended" },
};

/** The board of the sample sale: active, nobody invited. */
export function sampleBoard(fields: Partial<Board> = {}): Board {
  return {
    saleId: "drop",
    state: "active",
    endingSoon: false,
    mode: "open",
    prequeueStartsAtMs: null,
    startsAtMs: NOON_MS - HOUR_MS,
    endsAtMs: NOON_MS + HOUR_MS,
    cursor: 0,
    lastNumber: 10,
    invitedPerSecond: 1,
    flow: { perSecond: 1, spread: 0, staySeconds: null, known: 0 },
    levels: [{ sku: "phone-1", stock: 5, available: 5, held: 0, sold: 0 }],
    shuffle: null,
    controls: initialControls(QUEUE_DEFAULTS),
    revoked: [],
    version: 1,
    asOfMs: NOON_MS,
    ...FACTS_OF_STATE[fields.state ?? "active"],
    ...fields,
  };
}

/** A sale of one item, `phone-1`, open since an hour and for another one. */
export function sampleSale(): CataloguedSale {
  const price = { amount: 49_900, currency: "EUR" };
  return {
    definition: {
      saleId: "drop",
      name: "Drop",
      allowGuests: true,
      perShopper: 1,
      holdSeconds: 120,
      items: [
        {
          sku: "phone-1",
          productId: "phone",
          name: "Phone",
          salePrice: price,
          regularPrice: price,
          stock: 5,
        },
      ],
      queue: QUEUE_DEFAULTS,
    },
    control: {
      mode: "open",
      startsAtMs: NOON_MS - HOUR_MS,
      endsAtMs: NOON_MS + HOUR_MS,
      version: 1,
    },
  };
}

/** An order of the sample sale. */
export function sampleOrder(fields: Partial<OrderRow> = {}): OrderRow {
  return {
    orderId: "phone-1.x.y",
    saleId: "drop",
    sku: "phone-1",
    shopper: "g_ann",
    number: 1,
    quantity: 1,
    amount: 49_900,
    currency: "EUR",
    status: "RESERVED",
    version: 1,
    createdAtMs: NOON_MS,
    expiresAtMs: NOON_MS + 120_000,
    updatedAtMs: NOON_MS,
    paymentState: null,
    paymentAttempts: 0,
    paymentError: null,
    paymentMethod: null,
    paymentAttention: null,
    paymentActionUrl: null,
    ...fields,
  };
}

/** What an object says when it cannot keep up. */
export function overloaded(): Error {
  return Object.assign(new Error("Durable Object is overloaded."), { overloaded: true });
}

/** What a call says whose object was replaced under it. */
export function objectReset(): Error {
  const message = "Durable Object reset because its code was updated.";
  return Object.assign(new Error(message), { durableObjectReset: true, retryable: true });
}

/** A refusal of the object, as it crosses RPC. */
export const refusal = refuse;
