import type { Actor, Origin } from "../../domain/books/actor.ts";
import { itemChain, SHOP_CHAIN } from "../../domain/books/chain.ts";
import { networkOf } from "../../domain/network-address.ts";
import { networkHash, originHash } from "../../domain/token.ts";
import { continueTrace } from "../../domain/traceparent.ts";
import { keyringOf } from "./credentials.ts";
import type { GatewayContext } from "./gateway.ts";

/** What browsers say of themselves unasked: RFC 9110, and https://wicg.github.io/client-hints-infrastructure/#low-entropy-hint-table. */
const DEVICE_HEADERS = [
  "User-Agent",
  "Accept-Language",
  "Sec-CH-UA",
  "Sec-CH-UA-Mobile",
  "Sec-CH-UA-Platform",
] as const;
/** Browsers say less than 200 characters in each; what is longer is told apart by its beginning. */
const DEVICE_HEADER_MAX_CHARACTERS = 500;

/** Who asks for a change and where the request comes from, as an item's ledger keeps it. */
export function shopperOrigin(c: GatewayContext, sku: string): Origin {
  return originOf(c, itemChain(sku));
}

/** Who of the staff asks for a change, and why. Their hashes are the same in all chains: what they do goes into several. */
export function staffActor<Reason extends string | null>(
  c: GatewayContext,
  reason: Reason,
): Actor & { reason: Reason } {
  // The admin token's bearer has no name.
  const name = c.get("identity")?.subject ?? "admin-token";
  return { actor: `staff:${name}`, reason, ...originOf(c, SHOP_CHAIN) };
}

/**
 * Where a request comes from, for the books: its step in a trace, and keyed hashes of its network and its
 * device, which can be compared within the chain and nowhere else.
 */
function originOf(c: GatewayContext, chain: string): Origin {
  const keyring = keyringOf(c.env);
  const { runtime } = c.get("gateway");
  const network = networkFrom(c);
  const device = deviceFrom(c);
  return {
    ...(network === null ? {} : { address: originHash(keyring, chain, "network", network) }),
    ...(device === null ? {} : { device: originHash(keyring, chain, "device", device) }),
    traceparent: continueTrace(c.req.header("traceparent"), (length) =>
      runtime.randomBytes(length),
    ),
  };
}

/** What stands for the network in a sale that counts units by it: never the address itself. */
export function countedNetwork(c: GatewayContext, saleId: string): { address?: string } {
  const network = networkFrom(c);
  return network === null ? {} : { address: networkHash(keyringOf(c.env), saleId, network) };
}

/** Cloudflare sets the header and lets nobody else do so; the local runtime sets none, and then nothing is known. */
function networkFrom(c: GatewayContext): string | null {
  const address = c.req.header("CF-Connecting-IP");
  return address === undefined ? null : networkOf(address);
}

/** The browser by what it says of itself; `null` for one that says nothing. */
function deviceFrom(c: GatewayContext): string | null {
  const said = DEVICE_HEADERS.map((name) => c.req.header(name));
  if (said.every((text) => text === undefined)) return null;
  return JSON.stringify(said.map((text) => text?.slice(0, DEVICE_HEADER_MAX_CHARACTERS) ?? null));
}
