import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLocal } from "../../local/start-local.ts";
import { browserMissing, launchBrowser, photograph } from "../support/browser.ts";
import { Client } from "../support/client.ts";

const PORT = 8792;
/** Where the pictures go; git ignores it. */
const PICTURES = "test-results/screenshots";
/** A step of the page may take a poll or two. */
const STEP_MAX_MS = 20_000;

/** So many ahead of a shopper that nothing is due for them soon. */
const QUIET_AHEAD = 120;
/** What an admin changes is seen by everyone within three seconds. */
const PUSH_MAX_MS = 3_000;

const missing = browserMissing();
if (missing !== null) console.warn(`Browser test skipped: ${missing}.`);

/** A shopper's way through the pages, in a real browser, on the running system. */
describe.skipIf(missing !== null)("in the browser", () => {
  let system: Awaited<ReturnType<typeof startLocal>>;
  let client: Client;
  let browser: Browser;
  let stateDirectory: string;

  beforeAll(async () => {
    stateDirectory = await mkdtemp(path.join(tmpdir(), "ropeline-browser-"));
    system = await startLocal({ port: PORT, stateDirectory, quiet: true });
    client = new Client((url, init) => fetch(`${system.url}${url}`, init), system.adminToken);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await system.stop();
    await rm(stateDirectory, { recursive: true, force: true });
  });

  /** A page of a shopper of their own; what goes wrong on it fails the test. */
  async function open(saleId: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 844 } });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MAX_MS);
    page.on("pageerror", (error) => {
      throw error;
    });
    await page.goto(`${system.url}/sale.html?id=${saleId}`);
    return page;
  }

  const shows = (page: Page, state: string): Promise<unknown> =>
    page.waitForSelector(`main[data-state="${state}"]`);

  const picture = (page: Page, name: string): Promise<void> => photograph(page, PICTURES, name);

  it("counts down to a sale that has not started", async () => {
    const startsAt = new Date(Date.now() + 600_000).toISOString();
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    await client.sale("soon", { name: "Half price: the new phone", startsAt, endsAt });
    const page = await open("soon");
    await shows(page, "countdown");
    await picture(page, "countdown");
  });

  it("waits, is let in, is declined, pays and is confirmed", async () => {
    const queue = { totalActiveUsers: 1 };
    await client.sale("drop", { name: "Half price: the new phone", queue }, 3);
    const before = await client.admitted("drop");

    const page = await open("drop");
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

  it("hears of a pause through the socket, long before it would poll", async () => {
    await client.sale("live", {
      name: "Half price: the new phone",
      queue: { totalActiveUsers: 1 },
    });
    await client.admitted("live");
    // Many ahead, behind the last unit: polls are twenty seconds apart.
    await Promise.all(
      Array.from({ length: QUIET_AHEAD }, async () => {
        const bearer = await client.guest();
        await client.call("POST", "/sales/live/queue", { bearer, body: {} });
      }),
    );
    const page = await open("live");
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

  it("says so when everything is sold", async () => {
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
    const page = await open("gone");
    await shows(page, "soldout");
    await picture(page, "soldout");
  });

  it("shows the storefront, the admin page and the documentation", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 844 } });
    page.setDefaultTimeout(STEP_MAX_MS);
    await page.goto(system.url);
    await page.getByText("Half price: the new phone").first().waitFor();
    await picture(page, "storefront");
    await page.goto(`${system.url}/admin`);
    await page.getByTestId("admin-token").fill(system.adminToken);
    await page.keyboard.press("Enter");
    await page.getByText("Half price: the new phone").first().waitFor();
    await picture(page, "admin");
    await page.goto(`${system.url}/docs`);
    await page.getByText("/api/v1/sales/{saleId}/queue").first().waitFor();
    await picture(page, "docs");
    await page.close();
  });
});
