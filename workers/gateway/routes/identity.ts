import { GUEST_TOKEN_SECONDS, signGuestToken } from "../access-token.ts";
import { keyringOf } from "../credentials.ts";
import { endpoint } from "../endpoint.ts";
import { EmptyBody } from "../schemas/common.ts";
import { GuestToken } from "../schemas/identity.ts";

/** Makes an anonymous shopper: a signed token and nothing else. */
export const createGuest = endpoint(
  {
    tag: "Identity",
    summary: "Become an anonymous shopper",
    body: EmptyBody,
    statuses: [201],
    answer: GuestToken,
  },
  async (c) => {
    const { runtime, identities } = c.get("gateway");
    const { token, identity } = signGuestToken(keyringOf(c.env), runtime);
    identities.remember(token, identity);
    return {
      accessToken: token,
      tokenType: "Bearer" as const,
      expiresIn: GUEST_TOKEN_SECONDS,
    };
  },
);
