import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

const NAME = "Half price: the last phone";
/** An offer is seen at once by who has a socket, and by a poll at the latest. */
const OFFER_MAX_MS = 8_000;

/** What is sold out may come back: to who waits for it on the list. */
describe.skipIf(browserMissing() !== null)("the waiting list", () => {
  const shop = useShop();

  /** A sale whose one unit is in another shopper's hands; gives it back when called. */
  async function heldByAnother(saleId: string, more = {}): Promise<() => Promise<void>> {
    const { client } = shop();
    await client.sale(saleId, { name: NAME, ...more }, 1);
    const other = await client.admitted(saleId);
    const body = { sku: `${saleId}-phone`, quantity: 1 };
    const path = `/sales/${saleId}/purchase`;
    const bought = await client.call("POST", path, { ...other, key: "1", body });
    return async () => {
      const cancel = `/orders/${String(bought.body["orderId"])}/cancel`;
      expect((await client.call("POST", cancel, { ...other, body: {} })).status).toBe(200);
    };
  }

  async function listed(saleId: string): Promise<Page> {
    const page = await shop().visitSale(saleId);
    await page.getByTestId("join").click();
    await page.getByTestId("list-join").click();
    await shows(page, "waitlist");
    return page;
  }

  it("keeps a place over a reload, and its offer is taken", async () => {
    const giveBack = await heldByAnother("list");
    const page = await shop().visitSale("list");
    await page.getByTestId("join").click();
    await shows(page, "waiting");
    await page.getByTestId("list-join").waitFor();
    await picture(page, "list-join");
    await page.getByTestId("list-join").click();
    await shows(page, "waitlist");
    expect(await page.getByTestId("list-position").textContent()).toBe("1");
    await page.getByText("Nobody else is waiting").waitFor();
    await picture(page, "waitlist");

    await page.reload();
    await shows(page, "waitlist");
    await giveBack();
    await shows(page, "offered", OFFER_MAX_MS);
    expect(await page.title()).toMatch(/^One is yours! [12]:\d\d to pay/);
    await picture(page, "offered");
    await page.reload();
    await shows(page, "offered");
    await page.getByTestId("pay").click();
    await shows(page, "confirmed");
  });

  it("goes on when an offer runs out or is let go, and takes one back at its end", async () => {
    const giveBack = await heldByAnother("pass", { holdSeconds: 8 });
    const first = await listed("pass");
    const second = await listed("pass");
    expect(await second.getByTestId("list-position").textContent()).toBe("2");
    await giveBack();
    await shows(first, "offered", OFFER_MAX_MS);

    await shows(second, "offered");
    await shows(first, "expired");
    await first.getByText("The offer ran out").waitFor();
    await first.getByTestId("list-join").waitFor();
    await picture(first, "offer-ran-out");
    await first.getByTestId("list-join").click();
    await shows(first, "waitlist");

    await second.getByTestId("cancel").click();
    await second.getByTestId("cancel-confirm").click();
    await second.getByText("You let it go").waitFor();
    await shows(first, "offered", OFFER_MAX_MS);
  });
});
