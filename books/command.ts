import { UsageError } from "../bench/options.ts";
import { findSystem } from "../bench/system.ts";
import { shopAt, ShopError, type Shop } from "./shop.ts";

/**
 * Does something with the shop at an address, or with the one that runs here; what the shop refuses is told as a
 * mistake of the command's.
 */
export async function withShop<Answer>(
  url: string,
  adminToken: string | undefined,
  work: (shop: Shop) => Promise<Answer>,
): Promise<Answer> {
  const system = await findSystem(url, adminToken);
  try {
    return await work(shopAt(system.url, system.adminToken));
  } catch (error) {
    throw error instanceof ShopError ? new UsageError(error.message) : error;
  }
}
