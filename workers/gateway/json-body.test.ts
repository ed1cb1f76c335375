import { describe, expect, it } from "vitest";
import { readJson } from "./json-body.ts";

const JSON_TYPE = "application/json";
const BROKEN_UTF_8 = new Uint8Array([0x22, 0xc3, 0x28, 0x22]);

/** A request with this body that says how long it is, or does not. */
function request(body: Uint8Array<ArrayBuffer>, hasLength: boolean, type = JSON_TYPE): Request {
  const length = hasLength ? { "Content-Length": String(body.length) } : undefined;
  return new Request("https://shop.example/", {
    method: "POST",
    headers: { "Content-Type": type, ...length },
    body,
  });
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

describe.each([
  ["with its length", true],
  ["without its length", false],
])("a body %s", (_, hasLength) => {
  it.each([
    ["an object", '{"a":[1,"é"]}', { a: [1, "é"] }],
    ["a byte order mark", "\uFEFF1", 1],
    ["nothing", "", {}],
    ["as much as is allowed", `"${"x".repeat(16_382)}"`, "x".repeat(16_382)],
  ])("%s is read", async (_name, text, value) => {
    expect(await readJson(request(bytes(text), hasLength))).toEqual(value);
  });

  it.each([
    ["malformed JSON", bytes("{"), JSON_TYPE, "validation_failed"],
    ["what is not UTF-8", BROKEN_UTF_8, JSON_TYPE, "validation_failed"],
    ["what was not UTF-8 before", bytes('"\uFFFD"'), JSON_TYPE, "validation_failed"],
    ["another media type", bytes("{}"), "text/plain", "unsupported_media_type"],
    ["one byte too many", bytes(`"${"x".repeat(16_383)}"`), JSON_TYPE, "body_too_large"],
  ])("%s is refused, and the next body is not", async (_name, body, type, code) => {
    await expect(readJson(request(body, hasLength, type))).rejects.toMatchObject({
      refusal: { code },
    });
    expect(await readJson(request(bytes("1"), hasLength))).toBe(1);
  });
});
