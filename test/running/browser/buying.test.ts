import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

/** A shopper's way from the line to the order. */
describe.skipIf(browserMissing() !== null)("buying", () => {
  const shop = useShop();

  it("waits, is let in, is declined, pays and is confirmed", async () => {
    const { client } = shop();
    const queue = { totalActiveUsers: 1 };
    await client.sale("drop", { name: "Half price: the new phone", queue }, 3);
    const before = await client.admitted("drop");

    const page = await shop().visitSale("drop");
    await page.getByTestId("join").click();
    await shows(page, "waiting");
    expect(await page.getByTestId("place").textContent()).toMatch(/\d/);
    await picture(page, "waiting");

    await page.reload();
    await shows(page, "waiting");
    const left = await client.call("DELETE", "/sales/drop/queue", before);
    expect(left.status).toBe(204);
    await shows(page, "admitted");
    await picture(page, "admitted");

    await page.getByTestId("buy").click();
    await shows(page, "reserved");
    await picture(page, "reserved");
    await page.getByTestId("card-tok_decline").check({ force: true });
    await page.getByTestId("pay").click();
    await shows(page, "declined");
    await picture(page, "declined");

    await page.getByTestId("card-tok_timeout").check({ force: true });
    await page.getByTestId("pay").click();
    await shows(page, "paying");
    await picture(page, "paying");
    await page.waitForSelector('main[data-state="confirmed"], main[data-state="declined"]');
    if ((await page.getAttribute("main", "data-state")) === "declined") {
      await page.getByTestId("card-tok_ok").check({ force: true });
      await page.getByTestId("pay").click();
    }
    await shows(page, "confirmed");
    await picture(page, "confirmed");
    const orderId = await page.getByTestId("order-id").textContent();
    const orders = await client.until(
      () => client.admin("GET", "/orders?saleId=drop&status=CONFIRMED"),
      ({ body }) => (body["orders"] as unknown[]).length === 1,
    );
    expect(orders.body["orders"]).toMatchObject([{ orderId, status: "CONFIRMED" }]);
  });
});
