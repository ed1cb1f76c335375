import { describe, expect, it } from "vitest";
import { keyring, keyText, NOON_MS } from "../test/system/support/samples.ts";
import { openOrderId, ORDER_ID_RANDOM_BYTES, sealOrderId } from "./order-id.ts";
import { parseKeyring } from "./token.ts";

const KEYS = keyring("k1");
const RANDOM = Uint8Array.from({ length: ORDER_ID_RANDOM_BYTES }, (_, index) => index);
const ORDER_ID = sealOrderId(KEYS, "phone-64", NOON_MS, RANDOM);
const [SKU = "", RANDOM_PART = "", MAC = ""] = ORDER_ID.split(".");

describe("an order id", () => {
  it("names its SKU, carries a time, 80 random bits and a 64-bit MAC", () => {
    expect(openOrderId(KEYS, ORDER_ID)).toBe("phone-64");
    expect(RANDOM_PART).toHaveLength(22);
    expect(MAC).toHaveLength(11);
    expect(sealOrderId(KEYS, "phone-64", NOON_MS, RANDOM)).toBe(ORDER_ID);
  });

  it.each([0, 1, NOON_MS, 2 ** 48 - 1])("begins with its time, here %i", (nowMs) => {
    const [, head = ""] = sealOrderId(KEYS, "phone", nowMs, RANDOM).split(".");
    const bytes = Buffer.from(head, "base64url");
    expect(bytes.readUIntBE(0, 6)).toBe(nowMs);
    expect(bytes.subarray(6)).toEqual(Buffer.from(RANDOM));
  });

  it("is refused when any one bit of it is flipped", () => {
    for (let at = 0; at < ORDER_ID.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const flipped = String.fromCharCode(ORDER_ID.charCodeAt(at) ^ (1 << bit));
        expect(
          openOrderId(KEYS, ORDER_ID.slice(0, at) + flipped + ORDER_ID.slice(at + 1)),
        ).toBeNull();
      }
  });

  it.each([
    ["nothing", ""],
    ["a SKU alone", SKU],
    ["no MAC", `${SKU}.${RANDOM_PART}`],
    ["an empty MAC", `${SKU}.${RANDOM_PART}.`],
    ["half a MAC", `${SKU}.${RANDOM_PART}.${MAC.slice(0, 6)}`],
    ["a fourth part", `${ORDER_ID}.${MAC}`],
    ["padding", `${ORDER_ID}=`],
    ["a newline", `${ORDER_ID}\n`],
    ["a blank before", ` ${ORDER_ID}`],
    ["another SKU", ORDER_ID.replace("phone-64", "phone-65")],
    ["a SKU that swallows the dot", ORDER_ID.replace(".", "-")],
  ])("is refused: %s", (_, text) => {
    expect(openOrderId(KEYS, text)).toBeNull();
  });

  it("opens after a rotation while its key is listed, and never under another key", () => {
    expect(openOrderId(keyring("k2", "k1"), ORDER_ID)).toBe("phone-64");
    expect(openOrderId(keyring("k2"), ORDER_ID)).toBeNull();
    expect(openOrderId(parseKeyring(keyText("k1", 99)), ORDER_ID)).toBeNull();
  });

  it("is not made by an empty keyring", () => {
    const empty = { signingKid: "", masters: new Map<string, Uint8Array>(), derived: new Map() };
    expect(() => sealOrderId(empty, "phone", NOON_MS, RANDOM)).toThrow("The keyring is empty.");
  });
});
