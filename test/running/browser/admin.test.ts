import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, useShop } from "../../support/shop.ts";

/** How an order is paid, and the state of its payment that is waited for. */
type Paying = readonly [payment: Record<string, string>, state: string];
const CARD: Paying = [{ paymentMethod: "card", paymentToken: "tok_ok" }, "captured"];
const CASH: Paying = [{ paymentMethod: "cod" }, "on_delivery"];
const DECLINED: Paying = [
  { paymentMethod: "card", paymentToken: "tok_insufficient_funds" },
  "declined",
];

/** The page of who runs the shop. */
describe.skipIf(browserMissing() !== null)("the admin page", () => {
  const shop = useShop();

  /** The id of an order of a shopper of its own, paid that way. */
  async function order(saleId: string, [payment, state]: Paying): Promise<string> {
    const { client } = shop();
    const shopper = { ...(await client.admitted(saleId)), key: "1" };
    const body = { sku: `${saleId}-phone`, quantity: 1 };
    const bought = await client.call("POST", `/sales/${saleId}/purchase`, { ...shopper, body });
    const orderId = String(bought.body["orderId"]);
    await client.call("POST", `/orders/${orderId}/checkout`, { ...shopper, body: payment });
    const paid = await client.until(
      () => client.call("GET", `/orders/${orderId}`, shopper),
      (answer) => (answer.body["payment"] as { status: string })?.status === state,
    );
    expect(paid.body["payment"]).toMatchObject({ status: state });
    return orderId;
  }

  /** The admin page of a sale, opened with the token. */
  async function open(saleName: string): Promise<Page> {
    const page = await shop().visit("/admin");
    await page.getByTestId("admin-token").fill(shop().system.adminToken);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: saleName }).click();
    return page;
  }

  const rowOf = (page: Page, orderId: string): Locator => page.locator("tr", { hasText: orderId });

  /** The last row of an item's ledger that staff wrote. */
  async function lastReason(saleId: string): Promise<unknown> {
    const ledger = await shop().client.admin("GET", `/sales/${saleId}/ledger?sku=${saleId}-phone`);
    const rows = ledger.body["rows"] as { type: string; reason?: string; actor?: string }[];
    const { type, reason, actor } =
      rows.findLast(({ actor = "" }) => actor.startsWith("staff:")) ?? {};
    return { type, reason, actor };
  }

  it("shows how orders are paid, refunds one and calls one off, with the reason", async () => {
    await shop().client.sale("desk", { name: "The desk" });
    const paid = await order("desk", CARD);
    const cash = await order("desk", CASH);
    const declined = await order("desk", DECLINED);
    const page = await open("The desk");
    const dialog = page.getByRole("dialog");
    await rowOf(page, declined).getByText("Insufficient funds").waitFor();
    await rowOf(page, cash).getByText("Cash on delivery").waitFor();
    await rowOf(page, paid).getByText("Captured").waitFor();
    expect(await rowOf(page, declined).getByRole("button").count()).toBe(0);
    await picture(page, "admin-orders", page.getByText("3 shown."));

    await page.getByRole("button", { name: `Refund order ${paid}` }).click();
    await dialog.getByText("€499 go back to the card").waitFor();
    await picture(page, "admin-refund");
    const reason = dialog.getByLabel("Reason");
    await page.keyboard.press("Enter");
    await reason.fill("  ");
    await page.keyboard.press("Enter");
    await dialog.getByText("Write a few words").waitFor();

    const refusal = { status: 503, code: "busy", detail: "The shop is busy." };
    await page.route("**/refund", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        body: JSON.stringify(refusal),
      }),
    );
    await reason.fill("Broken on arrival");
    await page.keyboard.press("Enter");
    await dialog.getByText("Try again in a moment: nothing is done twice.").waitFor();
    await picture(page, "admin-refund-busy");
    await page.unroute("**/refund");
    await page.keyboard.press("Enter");
    await page.getByText("The refund of €499 is under way.").waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.locator("tr:focus", { hasText: paid }).waitFor();
    await rowOf(page, paid).locator(".badge", { hasText: "Refunded" }).waitFor();
    expect(await lastReason("desk")).toMatchObject({ reason: "Broken on arrival" });

    await page.getByRole("button", { name: `Call off order ${cash}` }).click();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await dialog.getByText("nothing has to be paid back").waitFor();
    await reason.fill("Moved abroad");
    await page.keyboard.press("Enter");
    await page.getByText("The order is called off.").waitFor();
    await rowOf(page, cash).getByText("Cancelled").waitFor();
    expect(await lastReason("desk")).toMatchObject({
      type: "called_off",
      reason: "Moved abroad",
      actor: "staff:admin-token",
    });
    await picture(page, "admin-taken-back", rowOf(page, cash).getByText("Called off"));
  });

  it("puts an order before a person, and takes the word for it", async () => {
    await shop().client.sale("doubt", { name: "The doubt" });
    const orderId = await order("doubt", CARD);
    const page = await open("The doubt");
    await page.getByText("Nothing needs a person.").waitFor();
    const sum = { amount: 1, currency: "EUR" };
    const news = {
      idempotencyKey: `${orderId}:1`,
      kind: "captured",
      reason: null,
      ...sum,
    } as const;
    expect(await shop().tell(news)).toBe(400);
    await page.getByText("1 order needs a person.").waitFor();
    await page.getByText("€0.01 captured by attempt 1, where the order is €499").waitFor();
    expect(await page.getByRole("button", { name: "Retry" }).count()).toBe(0);
    await page.getByText("needs a person").last().waitFor();
    await picture(page, "admin-attention", page.getByText("The payment goes on as it does."));

    await page.getByRole("button", { name: `Resolve order ${orderId}` }).click();
    await page.getByLabel("How it was put right").fill("A test of ours");
    await picture(page, "admin-resolve");
    await page.keyboard.press("Enter");
    await page.getByText("Resolved. Your note is in the ledger.").waitFor();
    await page.getByText("Nothing needs a person.").waitFor();
    expect(await lastReason("doubt")).toMatchObject({
      type: "resolved",
      reason: "A test of ours",
    });
    await picture(page, "admin-resolved");
  });

  it("has a provider asked again, and says so when that is too late", async () => {
    await shop().client.sale("stuck", { name: "The stuck" });
    const page = await open("The stuck");
    const stuck = (orderId: string, changes: Record<string, unknown>, status: string) => ({
      orderId,
      saleId: "stuck",
      sku: "stuck-phone",
      quantity: 1,
      total: { amount: 49_900, currency: "EUR" },
      version: 5,
      createdAt: "2026-11-22T12:00:00Z",
      payment: { status, attempts: 1 },
      paymentMethod: "card",
      shopper: "g_ann",
      number: 7,
      ...changes,
    });
    const unanswered = { attention: "refund unanswered after 11 times asked" };
    const refused = { attention: "void refused: charge_already_refunded" };
    const orders = [
      stuck("stuck-phone.one", { status: "CONFIRMED", ...unanswered }, "refunding"),
      stuck("stuck-phone.two", { status: "PAYMENT_FAILED", ...refused }, "voiding"),
    ];
    await page.route("**/admin/attention?*", (route) => route.fulfill({ json: { orders } }));
    const detail = "The order is EXPIRED.";
    await page.route("**/stuck-phone.two/retry", (route) =>
      route.fulfill({
        status: 409,
        contentType: "application/problem+json",
        body: JSON.stringify({ status: 409, code: "order_state_conflict", detail }),
      }),
    );
    const retried = stuck("stuck-phone.one", { status: "CONFIRMED", version: 6 }, "refunding");
    await page.route("**/stuck-phone.one/retry", (route) => route.fulfill({ json: retried }));
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText("2 orders need a person.").waitFor();
    await page.getByText("asked 11 times to give the money back").waitFor();
    await picture(page, "admin-stuck", page.getByText("settled the money with the provider"));
    await page.getByRole("button", { name: "Retry order stuck-phone.two" }).click();
    await page.getByText("The order is EXPIRED. It has moved on since you looked.").waitFor();
    await page.getByRole("button", { name: "Retry order stuck-phone.one" }).click();
    await page.getByText("The provider is asked again.").waitFor();
    await page.getByText("1 order needs a person.").waitFor();
    expect(await page.getByText("stuck-phone.one").count()).toBe(0);
  });

  it("shows how the books compare, proves the trail, and who did what", async () => {
    await shop().client.sale("books", { name: "The books" });
    await order("books", CARD);
    const page = await open("The books");
    await page.getByTestId("sale-pause").click();
    await page.getByText("Pause: done.").waitFor();
    await page.getByRole("button", { name: "Reconcile now" }).click();
    await page.getByText("Compared 1 article: events, orders, payments").waitFor();
    const compared = page.getByRole("region", { name: "Table of how the books compared" });
    await compared.getByRole("row", { name: /Phone.*clean.*€499/ }).waitFor();
    const history = page.getByRole("region", { name: "Table of who did what" });
    await history.getByRole("row", { name: /admin-token.*Commanded: pause/ }).waitFor();
    await page.getByRole("button", { name: "Verify the trail" }).click();
    await page.getByText("The trail is whole:").waitFor();
    await picture(page, "admin-books", history);

    const item = {
      itemId: "difference-books-phone.12ab34cd56ef7890",
      kind: "difference",
      saleId: "books",
      sku: "books-phone",
      rows: [],
      detail:
        "orders books-phone.tJ2c8q1Zr0mC9v3sV5n0Aw.q83vEjRWeJA is not what the order's events say (amount: it says 1, 49900 is expected).",
      createdAt: "2026-11-22T12:00:00Z",
      lastSeenAt: "2026-11-22T12:05:00Z",
    };
    let items = [item];
    await page.route("**/admin/attention?*", (route) =>
      route.fulfill({ json: { orders: [], items } }),
    );
    await page.route("**/difference-books-phone*/resolve", (route) => {
      items = [];
      return route.fulfill({ json: { ...item, resolvedAt: item.lastSeenAt } });
    });
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText("1 finding needs a person.").waitFor();
    await picture(page, "admin-finding", page.getByText("Says that you have put it right."));
    await page.getByRole("button", { name: `Resolve: ${item.itemId}` }).click();
    await page.getByLabel("How it was put right").fill("Rebuilt the table");
    await page.keyboard.press("Enter");
    await page.getByText("Resolved. Your note is in the shop's history.").waitFor();
    await page.getByText("Nothing needs a person.").waitFor();
  });

  it("sets a sale's limits, and shows them and who waits", async () => {
    const { client } = shop();
    await client.sale("short", { name: "The short" }, 1);
    await order("short", CASH);
    const bearer = await client.guest();
    const inLine = await client.call("POST", "/sales/short/queue", { bearer, body: {} });
    const joined = await client.call("POST", "/sales/short/waitlist/short-phone", {
      bearer,
      ticket: String(inLine.body["ticket"]),
      body: { quantity: 1 },
    });
    expect(joined.status).toBe(201);
    const page = await open("The short");
    const list = page.getByRole("region", { name: "Table of who waits" });
    await list.getByRole("row", { name: /Phone.* 1 0 0 0 0$/ }).waitFor();
    await picture(page, "admin-waitlist", list);

    await page.getByRole("heading", { name: "New sale" }).click();
    const form = page.locator("form", { hasText: "Create the sale" });
    await form.getByLabel("Name").fill("The limited");
    await form.getByLabel("Units per card").fill("3");
    await form.getByLabel("Units per postal address").fill("4");
    await picture(page, "admin-new-sale", form.getByRole("button", { name: "Create the sale" }));
    await form.getByRole("button", { name: "Create the sale" }).click();
    await page
      .getByText("At most 1 unit of an article per shopper, 3 per card, 4 per postal address.")
      .waitFor();
    await page.getByText("Nobody has waited for an article yet.").waitFor();
  });
});
