import { Admin, type FloodSale } from "./admin.ts";
import { atOnce } from "./at-once.ts";
import { Caller } from "./calls.ts";
import { machineClock } from "./clock.ts";
import { Meter } from "./meter.ts";
import { seededRandom } from "../domain/random.ts";
import { Shopper } from "./shopper.ts";

/** Guest tokens that are asked for at the same time. */
const TOKENS_AT_ONCE = 64;
/** Beyond every visit of a driver: nobody's turn lapses, so that the board stands still. */
const LIFE_SECONDS = 3600;
const ADMIN_CONNECTIONS = 2;

/** Shoppers with guest tokens at a sale in which nothing happens by itself: one may be inside. */
export interface QuietSale {
  sale: FloodSale;
  admin: Admin;
  shoppers: readonly Shopper[];
  /** The shoppers' calls; the admin's are not in it. */
  meter: Meter;
  close(): Promise<void>;
}

/** Where the sale is made, and for whom. */
export interface QuietSaleOptions {
  url: string;
  adminToken: string;
  shoppers: number;
  connections: number;
  /** Calls that are not answered this long after the tokens are given up. */
  longestMs: number;
  seed: number;
}

/** Creates the sale and takes everyone's token. */
export async function openQuietSale(options: QuietSaleOptions): Promise<QuietSale> {
  const { adminToken, connections, longestMs, seed, url } = options;
  const clock = machineClock;
  const random = seededRandom(seed);
  const meter = new Meter();
  const adminCaller = new Caller({
    origin: url,
    connections: ADMIN_CONNECTIONS,
    clock,
    random,
    meter: new Meter(),
  });
  const deadlineMs = clock.nowMs() + longestMs;
  const caller = new Caller({ origin: url, connections, clock, random, meter, deadlineMs });
  const close = async (): Promise<void> => {
    await caller.close();
    await adminCaller.close();
  };
  try {
    const admin = new Admin(adminCaller, adminToken);
    const sale = await admin.createSale({
      stock: 1,
      capacity: 1,
      newUsersPerMinute: 1,
      holdSeconds: LIFE_SECONDS,
      claimSeconds: LIFE_SECONDS,
      sessionDurationSeconds: LIFE_SECONDS,
      lanes: 8,
    });
    const { saleId, sku } = sale;
    const shoppers = Array.from(
      { length: options.shoppers },
      (_, index) => new Shopper({ caller, index, saleId, sku, quantity: 1 }),
    );
    await atOnce(TOKENS_AT_ONCE, shoppers, (shopper) => shopper.guest());
    return { sale, admin, shoppers, meter, close };
  } catch (error) {
    await close();
    throw error;
  }
}
