import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

const SALE = "proof";
/** So many entries that a tile is full, and that there is one of the next level. */
const FULL_TILE = 256;
const QUEUE = { totalActiveUsers: 1, claimSeconds: 600 };

/** Opens a text as a receipt's file. */
async function openFile(page: Page, text: string): Promise<void> {
  const buffer = Buffer.from(text);
  await page
    .getByTestId("open")
    .setInputFiles({ name: "receipt.json", mimeType: "application/json", buffer });
}

/** The verdict of every check on the page. */
async function verdicts(page: Page): Promise<Record<string, string | null>> {
  const names = ["own", "signed", "included", "newest", "consistent", "history"];
  const entries = names.map(async (name) => [
    name,
    await page.getByTestId(`check-${name}`).getAttribute("data-verdict"),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string | null>;
}

const ALL_PASSED = {
  own: "passed",
  signed: "passed",
  included: "passed",
  newest: "passed",
  consistent: "passed",
  history: "passed",
};

/** What a shopper holds from a real join in the running system, and what the browser makes of it. */
describe.skipIf(browserMissing() !== null)("a receipt", () => {
  const shop = useShop();

  it("is checked by the browser of who joined; what is changed does not pass", async () => {
    const { client } = shop();
    await client.sale(SALE, { name: "Half price: the new phone", queue: QUEUE });
    await client.admitted(SALE);
    await shop().crowd(SALE, 3);
    const shopper = await shop().shopper({ acceptDownloads: true });
    const waiting = await shop().visitSale(SALE, shopper);
    await waiting.getByTestId("join").click();
    await shows(waiting, "waiting");
    await picture(waiting, "waiting-proof");
    await waiting.getByTestId("receipt").click();
    const page = waiting;
    await shows(page, "passed");
    expect(await verdicts(page)).toEqual(ALL_PASSED);
    expect(await page.getByTestId("check-own").textContent()).toMatch(/Number 5, received at \d/);
    await picture(page, "receipt");

    // The log has grown, and the browser remembers what it was shown. A press begins the checks at once.
    await shop().crowd(SALE, FULL_TILE);
    await page.getByTestId("again").click();
    await shows(page, "passed");
    expect(await page.getByTestId("check-history").textContent()).toContain("what you saw");

    const download = page.waitForEvent("download");
    await page.getByTestId("save").click();
    const file = await readFile(await (await download).path(), "utf8");
    const reader = await shop().visit(`/receipt`);
    await reader.getByText("There is no receipt here").waitFor();
    await picture(reader, "receipt-none");
    await openFile(reader, file);
    await shows(reader, "passed");
    expect(await verdicts(reader)).toEqual(ALL_PASSED);

    // Back-dated.
    await openFile(reader, file.replace(/(arrivedAtMs\\":)\d/, "$19"));
    await shows(reader, "failed");
    expect(await verdicts(reader)).toEqual({ ...ALL_PASSED, included: "failed" });
    await picture(reader, "receipt-changed");
    await openFile(reader, "{}");
    await reader.getByText("This file is no receipt.").waitFor();
    await reader.close();

    // A log that is served otherwise than it was signed.
    await page.route("**/fairness/tile/**", async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[0] = (body[0] ?? 0) ^ 1;
      await route.fulfill({ response, body });
    });
    await page.getByTestId("again").click();
    await shows(page, "failed");
    expect(await verdicts(page)).toMatchObject({ own: "passed", included: "failed" });

    await page.unrouteAll();
    await page.route("**/fairness/keys", (route) =>
      route.fulfill({ body: "another+00000000+AQ==\n" }),
    );
    await page.getByTestId("again").click();
    await shows(page, "failed");
    expect(await verdicts(page)).toEqual({ ...ALL_PASSED, signed: "failed", newest: "failed" });
    await picture(page, "receipt-other-key");

    await page.unrouteAll();
    await page.route("**/fairness/**", (route) => route.abort());
    await page.getByTestId("again").click();
    await shows(page, "open");
    expect(await verdicts(page)).toMatchObject({ own: "passed", included: "open" });
  });
});
