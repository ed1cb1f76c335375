import { describe, expect, it } from "vitest";
import { parseKeyring } from "../../../domain/token.ts";
import { signAccessToken } from "../access-token.ts";
import { IdentityCache } from "./identity-cache.ts";
import { NOON_MS, TOKEN_KEYS } from "../testing/fake-gateway.ts";

const keyring = parseKeyring(TOKEN_KEYS);
/** Knows none of the keys: only what is remembered is valid. */
const strangeKeyring = parseKeyring(`strange:${"C".repeat(44)}`);

describe("IdentityCache", () => {
  it("verifies a token once, and ends it at its expiry all the same", async () => {
    const cache = new IdentityCache();
    const token = signAccessToken(keyring, "g_ann", [], 60, NOON_MS);
    expect(cache.verify(keyring, token, NOON_MS)?.subject).toBe("g_ann");
    expect(cache.verify(strangeKeyring, token, NOON_MS + 59_999)?.subject).toBe("g_ann");
    expect(cache.verify(strangeKeyring, token, NOON_MS + 60_000)).toBeNull();
  });

  it("remembers nothing of tokens that are not valid", async () => {
    const cache = new IdentityCache();
    const token = signAccessToken(keyring, "g_ann", [], 60, NOON_MS);
    expect(cache.verify(strangeKeyring, token, NOON_MS)).toBeNull();
    expect(cache.verify(keyring, `${token}x`, NOON_MS)).toBeNull();
    expect(cache.verify(keyring, token, NOON_MS)).not.toBeNull();
  });

  it("keeps a bounded number", async () => {
    const cache = new IdentityCache(2);
    const tokens: string[] = [];
    for (const subject of ["g_ann", "g_bob", "g_cyd"]) {
      const token = signAccessToken(keyring, subject, [], 60, NOON_MS);
      cache.verify(keyring, token, NOON_MS);
      tokens.push(token);
    }
    const [oldest = "", ...later] = tokens;
    expect(cache.verify(strangeKeyring, oldest, NOON_MS)).toBeNull();
    for (const token of later) expect(cache.verify(strangeKeyring, token, NOON_MS)).not.toBeNull();
  });
});
