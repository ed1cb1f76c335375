import {
  array,
  assert,
  constant,
  constantFrom,
  integer,
  maxSafeNat,
  oneof,
  property,
  record,
  shuffledSubarray,
  string,
  stringMatching,
  tuple,
  uint8Array,
  uniqueArray,
  type Arbitrary,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { NOON_MS } from "../test/system/support/samples.ts";
import { encodeBase64url } from "./base64url.ts";
import { LANES_MAX } from "./limits.ts";
import { openOrderId, ORDER_ID_RANDOM_BYTES, sealOrderId } from "./order-id.ts";
import {
  deriveKey,
  openPass,
  openTicket,
  parseKeyring,
  sealPass,
  sealTicket,
  shopperBinding,
  type Keyring,
  type KeyPurpose,
  type Pass,
  type Ticket,
} from "./token.ts";

/*
 * What holds for tickets, passes and order ids of any content under any keys. The tests beside the code
 * look at one sample of each, bit by bit.
 */

/** An entry of `TOKEN_KEYS`. */
interface Entry {
  kid: string;
  key: string;
}

const anyEntry: Arbitrary<Entry> = record({
  kid: stringMatching(/^[A-Za-z0-9_-]{1,32}$/, { size: "max" }),
  // To HMAC a key and the same key with zeros behind it are one key (RFC 2104, section 2).
  key: uint8Array({ minLength: 31, maxLength: 63 }).map((key) =>
    encodeBase64url(new Uint8Array([...key, 1])),
  ),
});
const anyEntries = uniqueArray(anyEntry, {
  minLength: 1,
  maxLength: 4,
  comparator: (one, other) => one.kid === other.kid || one.key === other.key,
});
/** Keys, and any choice of them in any order. */
const anyRotation = anyEntries.chain((entries) =>
  tuple(constant(entries), shuffledSubarray(entries, { minLength: 1 })),
);

function keyringOf(entries: readonly Entry[]): Keyring {
  return parseKeyring(entries.map(({ kid, key }) => `${kid}:${key}`).join(","));
}

const anyId = stringMatching(/^[A-Za-z0-9_-]{1,64}$/, { size: "max" });
const anyBinding = stringMatching(/^[A-Za-z0-9_-]{22}$/);
const anyTicket = record({
  saleId: anyId,
  lane: integer({ min: 0, max: LANES_MAX - 1 }),
  number: maxSafeNat(),
  arrivedAtMs: maxSafeNat(),
  binding: anyBinding,
});
const anyPass = record({
  saleId: anyId,
  number: maxSafeNat(),
  binding: anyBinding,
  claimedAtMs: maxSafeNat(),
  expiresAtMs: maxSafeNat(),
});
const anyOrder = record({
  sku: anyId,
  random: uint8Array({ minLength: ORDER_ID_RANDOM_BYTES, maxLength: ORDER_ID_RANDOM_BYTES }),
});

interface Kind<Content> {
  name: string;
  anyContent: Arbitrary<Content>;
  seal: (keys: Keyring, content: Content) => string;
  open: (keys: Keyring, token: string) => unknown;
  /** What of the content is read back. */
  read: (content: Content) => unknown;
}

const TICKETS: Kind<Ticket> = {
  name: "ticket",
  anyContent: anyTicket,
  seal: sealTicket,
  open: openTicket,
  read: (ticket) => ticket,
};
const PASSES: Kind<Pass> = {
  name: "pass",
  anyContent: anyPass,
  seal: sealPass,
  open: openPass,
  read: (pass) => pass,
};
const ORDER_IDS: Kind<{ sku: string; random: Uint8Array }> = {
  name: "order id",
  anyContent: anyOrder,
  seal: (keys, { sku, random }) => sealOrderId(keys, sku, NOON_MS, random),
  open: openOrderId,
  read: ({ sku }) => sku,
};

const anyCharacter = oneof(
  stringMatching(/^[A-Za-z0-9_-]$/),
  constantFrom(".", "=", "\n"),
  string({ minLength: 1, maxLength: 1, unit: "binary" }),
);

/** Every text that differs from `token` by `character`: put in a place, put between two, or by one left out. */
function edits(token: string, character: string): string[] {
  const edited = new Set<string>();
  for (let at = 0; at <= token.length; at++) {
    const before = token.slice(0, at);
    edited.add(before + character + token.slice(at));
    edited.add(before + character + token.slice(at + 1));
    edited.add(before + token.slice(at + 1));
  }
  edited.delete(token);
  return [...edited];
}

function describeKind<Content>({ name, anyContent, seal, open, read }: Kind<Content>): void {
  describe(`any ${name}`, () => {
    it("is read back as it was sealed, the same bytes each time, under any keys", () => {
      assert(
        property(anyEntries, anyContent, (entries, content) => {
          const keys = keyringOf(entries);
          const token = seal(keys, content);
          expect(open(keys, token)).toEqual(read(content));
          expect(seal(keys, content)).toBe(token);
          expect(seal(keyringOf(entries), content)).toBe(token);
        }),
      );
    });

    it("is refused with any one character changed, added or left out", () => {
      assert(
        property(anyEntries, anyContent, anyCharacter, (entries, content, character) => {
          const keys = keyringOf(entries);
          const edited = edits(seal(keys, content), character);
          expect(edited.filter((text) => open(keys, text) !== null)).toEqual([]);
        }),
        { numRuns: 16 },
      );
    });

    it("opens while the key that sealed it is listed, wherever, and never without it", () => {
      assert(
        property(anyRotation, anyContent, ([entries, listed], content) => {
          const token = seal(keyringOf(entries), content);
          const isListed = listed.some((entry) => entry === entries[0]);
          expect(open(keyringOf(listed), token)).toEqual(isListed ? read(content) : null);
        }),
      );
    });
  });
}

describeKind(TICKETS);
describeKind(PASSES);
describeKind(ORDER_IDS);

describe("purposes", () => {
  it("keep any ticket, pass and order id from opening as another", () => {
    const opens = [openTicket, openPass, openOrderId];
    assert(
      property(anyEntries, anyTicket, anyPass, anyOrder, (entries, ticket, pass, order) => {
        const keys = keyringOf(entries);
        const tokens = [
          sealTicket(keys, ticket),
          sealPass(keys, pass),
          sealOrderId(keys, order.sku, NOON_MS, order.random),
        ];
        for (const [kind, token] of tokens.entries())
          expect(opens.map((open) => open(keys, token) !== null)).toEqual(
            opens.map((_, other) => other === kind),
          );
      }),
    );
  });

  it("give each kid, purpose and scope a key of its own, whichever was asked for before", () => {
    const purposes: KeyPurpose[] = ["ticket", "pass", "binding", "order-id", "access-token"];
    const anyAsked = array(
      record({
        at: integer({ min: 0, max: 3 }),
        purpose: constantFrom(...purposes),
        scope: oneof(constant(""), stringMatching(/^[ab_-]{1,2}$/)),
      }),
      { minLength: 2, maxLength: 10, size: "max" },
    );
    assert(
      property(anyEntries, anyAsked, (entries, asked) => {
        const keys = keyringOf(entries);
        const names = new Set<string>();
        const derived = new Set<string>();
        for (const { at, purpose, scope } of asked) {
          const kid = entries[at % entries.length]?.kid ?? "";
          const key = deriveKey(keys, kid, purpose, scope);
          expect(key).toEqual(deriveKey(keyringOf(entries), kid, purpose, scope));
          names.add(JSON.stringify([kid, purpose, scope]));
          derived.add(encodeBase64url(key ?? new Uint8Array()));
        }
        expect(derived.size).toBe(names.size);
      }),
    );
  });
});

describe("any shopper's binding", () => {
  it("stays while the last key stays last, whatever is put before it or taken away there", () => {
    const anyTwo = anyEntries.chain((entries) => {
      const anyFront = shuffledSubarray(entries.slice(0, -1));
      return tuple(anyFront, anyFront, constant(entries.slice(-1)));
    });
    assert(
      property(anyTwo, anyId, string(), ([one, other, last], saleId, subject) => {
        const before = shopperBinding(keyringOf([...one, ...last]), saleId, subject);
        expect(before).toMatch(/^[A-Za-z0-9_-]{22}$/);
        expect(shopperBinding(keyringOf([...other, ...last]), saleId, subject)).toBe(before);
      }),
    );
  });

  it("is nobody else's, also where two names together read the same", () => {
    const anyName = stringMatching(/^[ab]{1,2}$/);
    const anyNames = array(tuple(anyName, anyName), { maxLength: 20, size: "max" });
    assert(
      property(anyEntries, anyNames, (entries, names) => {
        const keys = keyringOf(entries);
        const people = new Set(names.map((name) => JSON.stringify(name)));
        const bindings = new Set(
          names.map(([saleId, subject]) => shopperBinding(keys, saleId, subject)),
        );
        expect(bindings.size).toBe(people.size);
      }),
    );
  });
});
