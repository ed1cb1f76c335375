import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

const NAME = "Half price: the new phone";
const SECOND_MS = 1_000;
const CLAIM_MS = SECOND_MS;
/** So many ahead that a page does not look for a pass yet. */
const FAR_AHEAD = 12;

/** Counts the notes that a page plays. */
const COUNT_NOTES = `
  const { start } = OscillatorNode.prototype;
  globalThis.notes = 0;
  OscillatorNode.prototype.start = function (...times) {
    globalThis.notes += 1;
    start.apply(this, times);
  };
`;

/** From before the start to a turn, and how a turn ends. Tests that wait for the clock do so together. */
describe.skipIf(browserMissing() !== null)("a turn", () => {
  const shop = useShop();

  it("is counted down to", async () => {
    const startsAt = new Date(Date.now() + 600_000).toISOString();
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    await shop().client.sale("soon", { name: NAME, startsAt, endsAt });
    const page = await shop().visitSale("soon");
    await shows(page, "countdown");
    await picture(page, "countdown");
    const remind = page.getByTestId("remind");
    await remind.click();
    await page.getByText("The message will be with your orders").waitFor();
    expect(await remind.getAttribute("aria-pressed")).toBe("true");
    await picture(page, "reminded");
    await page.reload();
    await shows(page, "countdown");
    expect(await remind.getAttribute("aria-pressed")).toBe("true");

    // What it was asked for: through the trail, the books and the queue, to the mailbox.
    await shop().client.admin("POST", "/sales/soon/start");
    await page.goto(`${shop().system.url}/order`);
    const messages = page.getByTestId("messages");
    const read = async () => {
      await messages.getByText("Messages", { exact: true }).click();
      return messages.textContent();
    };
    await expect.poll(read, { timeout: 30_000, interval: 500 }).toContain("It has started");
  });

  it.concurrent("comes by a draw to who entered early, and ends", async () => {
    const { client } = shop();
    const nowMs = Date.now();
    await client.sale("early", {
      name: NAME,
      startsAt: new Date(nowMs + 600_000).toISOString(),
      queue: {
        shuffleAtStart: true,
        prequeueStartsAt: new Date(nowMs - 1_000).toISOString(),
        totalActiveUsers: 1,
        sessionDurationSeconds: 4,
      },
    });
    const others = await shop().crowd("early", 2);
    const shopper = await shop().shopper();
    await shopper.addInitScript(COUNT_NOTES);
    const page = await shop().visitSale("early", shopper);
    await page.getByTestId("join").click();
    await page.getByText("You are in early").waitFor();
    await page.getByTestId("receipt").waitFor();
    await picture(page, "early");

    const message = "Thank you for coming. The first phones go out at noon.";
    await client.admin("PATCH", "/sales/early/queue", { queueAll: true, message });
    await client.admin("POST", "/sales/early/start");
    await shows(page, "paused");
    expect(await page.getByTestId("number").textContent()).toMatch(/^[123]$/);
    expect(await page.getByTestId("message").textContent()).toBe(message);
    await picture(page, "paused");

    const sound = page.getByTestId("sound");
    expect(await sound.getAttribute("aria-pressed")).toBe("false");
    await sound.click();
    expect(await sound.getAttribute("aria-pressed")).toBe("true");
    await page.waitForFunction("notes === 3");
    for (const ticket of others) await client.call("DELETE", "/sales/early/queue", { ticket });
    await client.admin("PATCH", "/sales/early/queue", { queueAll: false, message: null });
    await shows(page, "admitted");
    expect(await page.title()).toMatch(/^Your turn! 0:0\d left/);
    await page.waitForFunction("notes === 6");
    await shows(page, "expired");
    await picture(page, "expired");
    await page.getByTestId("join").click();
    await shows(page, "admitted");
  });

  it.concurrent("gets longer for who is still there", async () => {
    const { client } = shop();
    await client.sale("stay", { name: NAME, queue: { sessionDurationSeconds: 16 } });
    const page = await shop().visitSale("stay");
    await page.getByTestId("join").click();
    await shows(page, "admitted");
    const stay = page.getByTestId("stay");
    await stay.waitFor();
    expect(await page.title()).toMatch(/^Still there\? 0:0\d left/);
    await picture(page, "still-there");
    await stay.click();
    await page
      .getByTestId("turn-clock")
      .getByText(/^0:1\d$/)
      .waitFor();
    expect(await stay.isVisible()).toBe(false);
  });

  it("goes by while nobody is at the page", async () => {
    const { client } = shop();
    const claimSeconds = CLAIM_MS / SECOND_MS;
    const queue = { totalActiveUsers: 1, claimSeconds, allowRejoin: false };
    await client.sale("lapse", { name: NAME, queue });
    const before = await client.admitted("lapse");
    // Whoever is nearly next asks all the time: this page is not.
    for (let ahead = 0; ahead < FAR_AHEAD; ahead++) {
      const bearer = await client.guest();
      await client.call("POST", "/sales/lapse/queue", { bearer, body: {} });
    }
    const page = await shop().visitSale("lapse");
    await page.getByTestId("join").click();
    await shows(page, "waiting");
    await page.context().setOffline(true);
    await client.call("DELETE", "/sales/lapse/queue", before);
    await client.admitted("lapse");
    const untilMs = Date.now() + CLAIM_MS + SECOND_MS;
    await client.until(
      () => client.call("GET", "/sales/lapse/status"),
      ({ body }) => Date.parse(String(body["serverTime"])) > untilMs,
    );
    await page.context().setOffline(false);
    await shows(page, "lapsed");
    await page.getByText("This sale gives everyone one turn.").waitFor();
    expect(await page.getByTestId("join").isVisible()).toBe(false);
    await picture(page, "lapsed");
  });
});
