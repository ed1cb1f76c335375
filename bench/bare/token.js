const UTF_8 = new TextEncoder();
const HMAC = { name: "HMAC", hash: "SHA-256" };
// Used by one request after the other: WebCrypto takes copies.
const [mac, bytes] = [new Uint8Array(32), new Uint8Array(512)];
let key = null;

/** Whose token this is, `name.mac`; null for a forged one. WebCrypto: `node:crypto` makes a stream of each. */
export async function shopperOf(secret, token) {
  key ??= await crypto.subtle.importKey("raw", UTF_8.encode(secret), HMAC, false, ["verify"]);
  const at = token.indexOf(".");
  const name = token.slice(0, at);
  mac.setFromBase64(token.slice(at + 1), { alphabet: "base64url" });
  const text = bytes.subarray(0, UTF_8.encodeInto(name, bytes).written);
  return (await crypto.subtle.verify("HMAC", key, mac, text)) ? name : null;
}
