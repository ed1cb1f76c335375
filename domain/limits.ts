/*
 * Bounds of the public surface. Bounds of one mechanism (batches, ticks, retries) stand beside it.
 */

/** Largest request body: the biggest legitimate one (creating a sale) is about 4 KB. */
export const BODY_MAX_BYTES = 16_384;
/** Largest webhook: providers send whole objects with all their parts, Stripe's are some 10 to 100 KB. */
export const WEBHOOK_MAX_BYTES = 262_144;
/** Headers of a webhook, names and values: a signature with its parts is under 1 KB. */
export const WEBHOOK_HEADERS_MAX_CHARACTERS = 16_384;
/** Ids chosen by a shop: they become object names, cookie names and part of order ids. */
export const ID_MAX_CHARACTERS = 64;
/** Names shown to shoppers. */
export const NAME_MAX_CHARACTERS = 200;
/** Descriptions and messages shown to shoppers. */
export const TEXT_MAX_CHARACTERS = 2_000;
/** Units in one purchase: no shop sells more of a dropped item to one person. */
export const QUANTITY_MAX = 100;
/** Units of one item: numbers stay exact and reports stay small. */
export const STOCK_MAX = 10_000_000;
/** Items of one sale: every one is an object that reports to the sequencer. */
export const SALE_ITEMS_MAX = 20;
/** Lanes of one sale: at 2 ms a lane each one still flushes about four times a second. */
export const LANES_MAX = 128;
/** Intakes of one item: at 2 ms an intake each one still calls its item about eight times a second. */
export const INTAKES_MAX = 64;
/** An idempotency key, as the contract states. */
export const IDEMPOTENCY_KEY_MAX_CHARACTERS = 255;
/** Rows of one page of a list. */
export const PAGE_MAX_ROWS = 100;
