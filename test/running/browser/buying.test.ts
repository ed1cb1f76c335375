import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

/** A shopper's way from the line to the order. */
describe.skipIf(browserMissing() !== null)("buying", () => {
  const shop = useShop();

  it("waits, is let in, is declined, is asked by the bank twice, and has the order", async () => {
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
    await pay(page, "card-tok_insufficient_funds");
    await shows(page, "declined");
    await page.getByText("not enough money on the card").waitFor();
    await picture(page, "declined");

    await pay(page, "card-tok_action");
    await shows(page, "action");
    await picture(page, "action");
    await page.getByTestId("bank").click();
    await page.getByTestId("decline").click();
    // From the bank one comes back to the order's own page, which is worked in the same way.
    await page.waitForURL(/\/order\?id=/);
    await shows(page, "declined");
    await page.getByText("declined at your bank").waitFor();
    await page.getByText("one more time").waitFor();

    await pay(page, "card-tok_action");
    await shows(page, "action");
    await page.getByTestId("bank").click();
    await page.getByTestId("approve").click();
    await page.waitForURL(/\/order\?id=/);
    await shows(page, "confirmed");
    await picture(page, "order-confirmed");
    const orderId = await page.getByTestId("order-id").textContent();
    const orders = await client.until(
      () => client.admin("GET", "/orders?saleId=drop&status=CONFIRMED"),
      ({ body }) => (body["orders"] as unknown[]).length === 1,
    );
    expect(orders.body["orders"]).toMatchObject([{ orderId, status: "CONFIRMED" }]);

    // The sale's page has followed the order meanwhile.
    await page.goto(`${shop().system.url}/sale?id=drop`);
    await shows(page, "confirmed");
    expect(await page.getByTestId("order-id").textContent()).toBe(orderId);
    await picture(page, "confirmed");
    await page.goto(`${shop().system.url}/order`);
    await page.getByText("Confirmed").waitFor();
    await picture(page, "orders");
  });
});

/** Pays in the way that a choice names. */
async function pay(page: Page, choice: string): Promise<void> {
  await page.getByTestId(choice).check({ force: true });
  await page.getByTestId("pay").click();
}
