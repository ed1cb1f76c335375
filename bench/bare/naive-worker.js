import { shopperOf } from "./token.js";
export { NaiveShop } from "./naive.js";

// The Worker that tutorials put in front of their object: it checks the token as the ceiling does, and asks.

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const shop = env.NAIVE.getByName("shop");
    if (pathname === "/status") return Response.json(await shop.status());
    if (pathname.startsWith("/kept/"))
      return Response.json(await shop.kept(...pathname.split("/").slice(2)));
    const shopper = await shopperOf(env.KEY, request.headers.get("token") ?? "");
    if (shopper === null) return Response.json({ code: "token_invalid" }, { status: 401 });
    if (pathname === "/poll")
      return Response.json({ state: "waiting", ahead: await shop.ahead(shopper) });
    if (pathname === "/join")
      return Response.json({ number: await shop.join(shopper) }, { status: 201 });
    const { sku, quantity } = await request.json();
    if (await shop.buy(shopper, sku, quantity))
      return Response.json({ orderId: shopper }, { status: 202 });
    return Response.json({ code: "sold_out" }, { status: 409 });
  },
};
