import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

/** So many ahead of a shopper that nothing is due for them soon. */
const QUIET_AHEAD = 120;
/** What an admin changes is seen by everyone within three seconds. */
const PUSH_MAX_MS = 3_000;

/** A sale that draws places does so every half minute from its start, this one soon. */
const ROUND_MS = 30_000;
const DRAW_IN_MS = 8_000;

/** What somebody in line is told. Tests that time nothing run together. */
describe.skipIf(browserMissing() !== null)("waiting", () => {
  const shop = useShop();

  it("hears of a pause through the socket, long before it would poll", async () => {
    const { client } = shop();
    await client.sale("live", {
      name: "Half price: the new phone",
      queue: { totalActiveUsers: 1 },
    });
    await client.admitted("live");
    // Many ahead, behind the last unit: polls are twenty seconds apart.
    await shop().crowd("live", QUIET_AHEAD);
    const page = await shop().visitSale("live");
    let polls = 0;
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      const isPoll = /\/sales\/live\/(queue|status)$/.test(pathname);
      if (isPoll && request.method() === "GET") polls += 1;
    });
    const brought = page
      .waitForEvent("websocket")
      .then((socket) => socket.waitForEvent("framereceived"));
    await page.getByTestId("join").click();
    await shows(page, "waiting");
    await brought;
    const pollsBefore = polls;
    await client.admin("POST", "/sales/live/pause");
    await page.waitForSelector('main[data-state="paused"]', { timeout: PUSH_MAX_MS });
    await client.admin("POST", "/sales/live/resume");
    await page.waitForSelector('main[data-state="waiting"]', { timeout: PUSH_MAX_MS });
    expect(polls).toBe(pollsBefore);
  });

  it.concurrent("is told when the place is drawn, and gets it then", async () => {
    const { client } = shop();
    await client.sale("draw", {
      name: "Half price: the new phone",
      startsAt: new Date(Date.now() - ROUND_MS + DRAW_IN_MS).toISOString(),
      queue: { queueingMethod: "random" },
    });
    const page = await shop().visitSale("draw");
    await page.getByText("by a public draw").waitFor();
    await page.getByTestId("join").click();
    await shows(page, "waiting");
    expect(await page.getByTestId("draw-clock").textContent()).toMatch(/^0:\d\d$/);
    const drawn = page.waitForResponse(async (response) => {
      const isPoll = response.request().method() === "GET" && response.url().endsWith("/queue");
      return isPoll && ((await response.json()) as { number: unknown }).number === 1;
    });
    await picture(page, "draw");
    await drawn;
    await shows(page, "admitted");
  });

  it.concurrent("is told when the stock is likely to be gone before the turn", async () => {
    const { client } = shop();
    const queue = { totalActiveUsers: 1, claimSeconds: 600 };
    await client.sale("scarce", { name: "Half price: the new phone", queue }, 3);
    await client.admitted("scarce");
    await shop().crowd("scarce", 4);
    const page = await shop().visitSale("scarce");
    await page.getByTestId("join").click();
    await shows(page, "waiting");
    const outlook = page.getByTestId("outlook");
    await outlook.waitFor();
    expect(await outlook.textContent()).toMatch(/^3 left, 4 ahead of you: it is likely to sell/);
    expect(await page.getByText("Estimated wait").count()).toBe(0);
    await picture(page, "scarce");
  });

  it.concurrent("says so when everything is sold, and has a list for what may come back", async () => {
    const { client } = shop();
    await client.sale("gone", { name: "Half price: the last phone" }, 1);
    const winner = await client.admitted("gone");
    const body = { sku: "gone-phone", quantity: 1 };
    const bought = await client.call("POST", "/sales/gone/purchase", { ...winner, key: "k", body });
    await client.call("POST", `/orders/${String(bought.body["orderId"])}/checkout`, {
      ...winner,
      key: "k",
      body: { paymentMethod: "card", paymentToken: "tok_ok" },
    });
    await client.until(
      () => client.call("GET", "/sales/gone/status"),
      (answer) => answer.body["state"] === "sold_out",
    );
    const page = await shop().visitSale("gone");
    await shows(page, "soldout");
    await page.getByTestId("list-join").waitFor();
    await picture(page, "soldout");
    // Who comes this late has no place in line yet: the list goes by it, so they get one.
    await page.getByTestId("list-join").click();
    await shows(page, "waitlist");
    await page.getByTestId("list-leave").click();
    await page.getByTestId("list-leave-confirm").click();
    await shows(page, "soldout");
  });
});
