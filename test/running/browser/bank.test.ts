import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

/** The bank's page of the sandbox, to which a payment may send its shopper. */
describe.skipIf(browserMissing() !== null)("the bank", () => {
  const shop = useShop();

  /** An order whose shopper has to act: the address of the page, and how to look at the order. */
  async function acting() {
    const { client } = shop();
    const shopper = await client.admitted("bank");
    const body = { sku: "bank-phone", quantity: 1 };
    const bought = await client.call("POST", "/sales/bank/purchase", {
      ...shopper,
      key: "1",
      body,
    });
    const orderId = String(bought.body["orderId"]);
    await client.call("POST", `/orders/${orderId}/checkout`, {
      ...shopper,
      key: "1",
      body: { paymentMethod: "card", paymentToken: "tok_action" },
    });
    const look = () => client.call("GET", `/orders/${orderId}`, shopper);
    const order = await client.until(look, ({ body }) => body["nextAction"] !== undefined);
    const { url } = order.body["nextAction"] as { url: string };
    const payment = () => client.call("GET", `/payments/status/${orderId}:1`, shopper);
    return { orderId, url, look, payment };
  }

  it.each([
    ["approve", "CONFIRMED", "captured", "approved"],
    ["decline", "RESERVED", "declined", "declined"],
  ])("asks for an answer, and sends back to the order: %s", async (answer, status, paid, state) => {
    const { client, system } = shop();
    await client.sale("bank");
    const { orderId, url, look, payment } = await acting();
    expect((await payment()).body).toMatchObject({ status: "action", nextAction: { url } });
    const page = await shop().visit(url);
    await shows(page, "open");
    await page.getByText("€499").waitFor();
    await picture(page, "bank");

    await page.getByTestId(answer).click();
    await page.waitForURL(`${system.url}/order?id=${encodeURIComponent(orderId)}`);
    const paidAt = await client.until(payment, ({ body }) => body["status"] === paid);
    expect(paidAt.body).toMatchObject({ status: paid, attempt: 1 });
    expect((await look()).body["status"]).toBe(status);

    const again = await shop().visit(url);
    await shows(again, state);
    await picture(again, `bank-${state}`);
    await again.getByTestId("back").click();
    await again.waitForURL(`${system.url}/order?id=${encodeURIComponent(orderId)}`);
  });

  it("says so where there is no such payment", async () => {
    const page = await shop().visit("/bank?challenge=made-up");
    await shows(page, "missing");
    await picture(page, "bank-missing");
  });
});
