import { describe, expect, it } from "vitest";
import { signWebhook, verifyWebhook } from "./standard-webhooks.ts";

/** The example of the specification; the reference library signs it with the same bytes. */
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const SENT_AT_MS = 1_614_265_330_000;
const BODY = '{"test": 2432232314}';
const SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const HEADERS = {
  "webhook-id": ID,
  "webhook-timestamp": "1614265330",
  "webhook-signature": SIGNATURE,
};
const SECONDS_5_MIN = 300_000;

function verify(headers: Record<string, string>, afterMs = 0, body = BODY, secret = SECRET) {
  return verifyWebhook(secret, { body, headers: { ...HEADERS, ...headers } }, SENT_AT_MS + afterMs);
}

describe("a standard webhook", () => {
  it("is signed as the specification's example is", () => {
    expect(signWebhook(SECRET, ID, SENT_AT_MS + 999, BODY)).toEqual({
      ...HEADERS,
      "content-type": "application/json",
    });
  });

  it.each<[string, Record<string, string>, number?]>([
    ["as it was sent", {}],
    [
      "with a second signature, as while secrets are rotated",
      { "webhook-signature": `v1,AAAA ${SIGNATURE}` },
    ],
    ["five minutes later", {}, SECONDS_5_MIN],
    ["five minutes early, by a clock that is ahead", {}, -SECONDS_5_MIN],
  ])("is believed %s", (_, headers, afterMs) => {
    expect(verify(headers, afterMs)).toEqual({ ok: true, id: ID });
  });

  it.each<[string, Record<string, string>, RegExp, number?, string?, string?]>([
    ["without a signature", { "webhook-signature": "" }, /unsigned/],
    ["without an id", { "webhook-id": "" }, /unsigned/],
    ["without a time", { "webhook-timestamp": "" }, /unsigned/],
    ["with a time that is none", { "webhook-timestamp": "noon" }, /seconds since/],
    ["with another id", { "webhook-id": "msg_2" }, /No signature fits/],
    ["with another time", { "webhook-timestamp": "1614265331" }, /No signature fits/],
    [
      "with a signature of another version",
      { "webhook-signature": SIGNATURE.replace("v1", "v1a") },
      /No signature/,
    ],
    [
      "with a signature that is cut off",
      { "webhook-signature": SIGNATURE.slice(0, -2) },
      /No signature/,
    ],
    [
      "with a signature that is not base64",
      { "webhook-signature": "v1,\u00ff\u00ff" },
      /No signature/,
    ],
    [
      "with too many signatures before its own",
      { "webhook-signature": `${"v1,A ".repeat(8)}${SIGNATURE}` },
      /No sig/,
    ],
    ["a moment more than five minutes later", {}, /older than five minutes/, SECONDS_5_MIN + 1],
    ["from further ahead", {}, /more than five minutes ahead/, -SECONDS_5_MIN - 1],
    ["with another body", {}, /No signature fits/, 0, `${BODY} `],
    ["of another endpoint's secret", {}, /No signature fits/, 0, BODY, "whsec_AAAA"],
  ])("is not believed %s", (_, headers, why, afterMs, body, secret) => {
    const verified = verify(headers, afterMs, body, secret);
    expect(verified).toEqual({ ok: false, why: expect.stringMatching(why) });
  });

  it("is never verified by a secret that is none: that is a mistake of whoever set it up", () => {
    expect(() => verify({}, 0, BODY, "whsec_")).toThrow("secret of the webhooks is empty");
  });
});
