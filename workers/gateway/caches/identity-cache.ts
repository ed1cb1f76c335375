import type { Keyring } from "../../../domain/token.ts";
import { verifyAccessToken, type Identity } from "../access-token.ts";
import { Generations } from "./generations.ts";

/** Shoppers of one isolate that are remembered at once: about 15 MB of tokens, of the 128 it has. */
const IDENTITIES_MAX = 25_000;

/**
 * Remembers whom verified access tokens speak for. A shopper shows one token with a dozen calls, and
 * verifying it costs an HMAC. What failed is not remembered.
 */
export class IdentityCache {
  readonly #identities: Generations<Identity>;

  constructor(identitiesMax = IDENTITIES_MAX) {
    this.#identities = new Generations(identitiesMax);
  }

  /** Whom the token speaks for now; `null` when it is not valid, or not any more. */
  verify(keyring: Keyring, token: string, nowMs: number): Identity | null {
    const known = this.#identities.get(token);
    if (known) return nowMs < known.expiresAtMs ? known : null;
    const identity = verifyAccessToken(keyring, token, nowMs);
    if (identity) this.remember(token, identity);
    return identity;
  }

  /** Remembers a token that is known to be valid: verified, or just signed here. */
  remember(token: string, identity: Identity): void {
    this.#identities.put(token, identity);
  }
}
