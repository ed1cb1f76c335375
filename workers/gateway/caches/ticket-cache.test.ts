import { expect, it } from "vitest";
import { parseKeyring, sealPass, sealTicket } from "../../../domain/token.ts";
import { NOON_MS, TOKEN_KEYS } from "../testing/fake-gateway.ts";
import { TicketCache } from "./ticket-cache.ts";

const keyring = parseKeyring(TOKEN_KEYS);
/** Knows none of the keys: only what is remembered is one of ours. */
const strangeKeyring = parseKeyring(`strange:${"C".repeat(44)}`);
const TICKET = { saleId: "drop", lane: 1, number: 9, arrivedAtMs: NOON_MS, binding: "b" };

it("verifies a ticket once", () => {
  const cache = new TicketCache();
  const token = sealTicket(keyring, TICKET);
  expect(cache.open(keyring, token)).toEqual(TICKET);
  expect(cache.open(strangeKeyring, token)).toEqual(TICKET);
});

it("remembers nothing of what is none", () => {
  const cache = new TicketCache();
  const token = sealTicket(keyring, TICKET);
  const pass = sealPass(keyring, { ...TICKET, claimedAtMs: NOON_MS, expiresAtMs: NOON_MS });
  expect(cache.open(strangeKeyring, token)).toBeNull();
  for (const forged of [`${token}x`, token.slice(0, -1), pass, ""])
    for (let time = 0; time < 2; time++) expect(cache.open(keyring, forged)).toBeNull();
  expect(cache.open(keyring, token)).toEqual(TICKET);
});

it("keeps a bounded number, the latest of them", () => {
  const cache = new TicketCache(4);
  const tokens = [1, 2, 3, 4, 5].map((number) => sealTicket(keyring, { ...TICKET, number }));
  for (const token of tokens) cache.open(keyring, token);
  const known = tokens.map((token) => cache.open(strangeKeyring, token)?.number ?? null);
  expect(known).toEqual([null, null, 3, 4, 5]);
});
