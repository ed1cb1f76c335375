import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

const soon = (inMs: number): string => new Date(Date.now() + inMs).toISOString();

/** An order as the shop tells it, in a state that is rare or passes in a moment. */
const order = (changes: Record<string, unknown>, payment?: Record<string, unknown>) => ({
  orderId: "k3nSbWZc0uYw1gJr8dQpVtXe",
  saleId: "drop",
  sku: "drop-phone",
  quantity: 1,
  total: { amount: 49_900, currency: "EUR" },
  version: 3,
  createdAt: "2026-11-22T12:00:00Z",
  ...changes,
  ...(payment && { payment: { attempts: 1, ...payment } }),
});

const RESERVED = { status: "RESERVED", expiresAt: soon(110_000) };
const PENDING = { status: "PAYMENT_PENDING", expiresAt: soon(110_000) };
const FAILED = { status: "PAYMENT_FAILED" };
const timeout = { lastError: "timeout" };

/** What the order page tells about an order: [picture, state, order, words that a shopper reads]. */
const STATES: [string, string, ReturnType<typeof order>, RegExp][] = [
  [
    "order-last-try",
    "declined",
    order(RESERVED, { status: "declined", attempts: 2, lastError: "insufficient_funds" }),
    /not enough money on the card.*one more time/,
  ],
  [
    "order-unsettled",
    "declined",
    order(RESERVED, { status: "voiding", lastError: "card_declined" }),
    /earlier payment is still being called off/,
  ],
  [
    "paying",
    "paying",
    order(PENDING, { status: "due", deadline: soon(600_000) }),
    /usually takes a few seconds/,
  ],
  [
    "order-slow",
    "paying",
    order(PENDING, { status: "due", deadline: soon(60_000) }),
    /charged once/,
  ],
  [
    "order-refunding",
    "refunding",
    order({ status: "CONFIRMED" }, { status: "refunding" }),
    /on its way/,
  ],
  [
    "order-refunded",
    "refunded",
    order({ status: "REFUNDED" }, { status: "refunded" }),
    /given your money back/,
  ],
  [
    "order-failed",
    "declined",
    order(FAILED, { status: "voiding", ...timeout }),
    /being told to release/,
  ],
  [
    "order-late-money",
    "declined",
    order(FAILED, { status: "refunding", ...timeout }),
    /on its way back/,
  ],
  ["order-expired", "expired", order({ status: "EXPIRED" }), /Nothing was charged/],
  [
    "order-called-off",
    "cancelled",
    order({ status: "CANCELLED" }, { status: "on_delivery" }),
    /nothing to pay/,
  ],
];

describe.skipIf(browserMissing() !== null)("the page of an order", () => {
  const shop = useShop();

  it("says of every state where the money is", async () => {
    await shop().client.sale("drop", { name: "Half price: the new phone" });
    const page = await shop().visit("/order");
    let told: unknown = null;
    await page.route("**/api/v1/orders/*/status", (route) => route.fulfill({ json: told }));
    for (const [name, state, as, words] of STATES) {
      told = as;
      await page.goto(`${shop().system.url}/order?id=${as.orderId}`);
      await shows(page, state);
      expect(await page.getByRole("main").textContent()).toMatch(words);
      await picture(page, name);
    }
  });

  it("says when payments are down, and takes cash meanwhile", async () => {
    const limits = { perShopper: 1, perPostalAddress: 1 };
    await shop().client.sale("down", { name: "Half price: the new phone", limits });
    const page = await bought(shop, "down");
    await page.getByTestId("pay").click();
    // The browser asks for what is missing before anything is sent.
    await shows(page, "reserved");
    await page.getByLabel("Name").fill("Ada Lovelace");
    await page.getByLabel("Street and number").fill("12 St James’s Square");
    await page.getByLabel("Postal code").fill("SW1Y 4JH");
    await page.getByLabel("City").fill("London");
    await page.getByLabel("Country").selectOption("GB");
    await picture(page, "address");
    await page.route("**/checkout", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        json: { status: 503, code: "payment_unavailable", retryAfterSeconds: 150 },
      }),
    );
    await page.getByTestId("pay").click();
    await page.getByText("The payment provider cannot be reached").waitFor();
    expect(await page.getByTestId("pay").isDisabled()).toBe(true);
    await picture(page, "payments-down");
    await page.unroute("**/checkout");
    await page.getByTestId("pay-cod").check({ force: true });
    await page.getByTestId("pay").click();
    await shows(page, "confirmed");
    await page.getByText("when it arrives").waitFor();
    await picture(page, "cash");
    await page.getByText("See the order").click();
    await shows(page, "confirmed");
    const messages = page.getByTestId("messages");
    const summary = messages.getByText("Messages", { exact: true });
    // They are asked for each time that the list is opened.
    const read = async () => {
      await summary.click();
      return messages.textContent();
    };
    const confirmed = "Your order is confirmed";
    await expect.poll(read, { timeout: 30_000, interval: 500 }).toContain(confirmed);
    if ((await messages.getAttribute("open")) === null) await summary.click();
    await picture(page, "messages", messages);
  });
});

/** A page on which a shopper has just bought. */
async function bought(shop: ReturnType<typeof useShop>, saleId: string): Promise<Page> {
  const page = await shop().visitSale(saleId);
  await page.getByTestId("join").click();
  await shows(page, "admitted");
  await page.getByTestId("buy").click();
  await shows(page, "reserved");
  return page;
}
