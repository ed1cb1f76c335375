export { Item } from "./item.js";
export { Lane, Line } from "./line.js";
export { NaiveItem } from "./naive.js";

// The least that each job needs, in the product's runtime and behind the same kind of socket.

const LANES = 8;
const UTF_8 = new TextEncoder();
const HMAC = { name: "HMAC", hash: "SHA-256" };
const headers = new Headers({ "Content-Type": "application/json" });
const told = (value, status) => new Response(JSON.stringify(value), { status, headers });
// Used by one request after the other: WebCrypto takes copies.
const [mac, bytes] = [new Uint8Array(32), new Uint8Array(512)];
let key = null;

export default {
  async fetch(request, env) {
    const path = request.url.slice(request.url.indexOf("/", "https://".length));
    if (path === "/trivial") return new Response("ok");
    if (path === "/status") return told({ state: "active", available: 1 }, 200);
    if (path.startsWith("/kept/")) return told(await kept(env, path.split("/")), 200);
    // What is wrong with a body is said before what is wrong with the shopper: the contract's order.
    const isBuying = path === "/buy" || path === "/naive";
    const checked = shopperOf(env.KEY, request.headers.get("token") ?? "");
    const { quantity } = isBuying ? JSON.parse(await request.text()) : {};
    const shopper = await checked;
    if (shopper === null) return told({ code: "pass_required" }, 403);
    if (path === "/poll") return told({ state: "waiting", ahead: 1000 }, 200);
    if (path === "/join") {
      const lane = shopper.charCodeAt(shopper.length - 1) % LANES;
      return told({ number: await env.LANE.getByName(`lane-${lane}`).join(shopper) }, 201);
    }
    const item = (path === "/naive" ? env.NAIVE : env.ITEM).getByName("item");
    if (await item.buy(shopper, quantity)) return told({ orderId: shopper }, 202);
    return told({ code: "sold_out" }, 409);
  },
};

/** What was written, for the check after a run: `/kept/ITEM/run-7-`. */
function kept(env, [, , kind, prefix]) {
  return env[kind].getByName(kind === "LINE" ? "line" : "item").kept(prefix);
}

/** Whose token this is, `name.mac`; null for a forged one. WebCrypto: `node:crypto` makes a stream of each. */
async function shopperOf(secret, token) {
  key ??= await crypto.subtle.importKey("raw", UTF_8.encode(secret), HMAC, false, ["verify"]);
  const at = token.indexOf(".");
  const name = token.slice(0, at);
  mac.setFromBase64(token.slice(at + 1), { alphabet: "base64url" });
  const text = bytes.subarray(0, UTF_8.encodeInto(name, bytes).written);
  return (await crypto.subtle.verify("HMAC", key, mac, text)) ? name : null;
}
