import { describe, expect, it } from "vitest";
import type { Fairness } from "../../../web/src/fairness/contract.ts";
import { fairnessOf } from "../../../web/src/testing/fairness-reports.ts";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

/** How a line was kept, as the page tells it. */
describe.skipIf(browserMissing() !== null)("the fairness page", () => {
  const shop = useShop();

  it("draws every figure, each with its table, and says what was not kept", async () => {
    let report: Fairness = fairnessOf({ isFinal: false });
    const shopper = await shop().shopper();
    await shopper.route("**/sales/drop/fairness", (route) => route.fulfill({ json: report }));
    const page = await shopper.newPage();
    const refused: string[] = [];
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) refused.push(message.text());
    });
    await page.goto(`${shop().system.url}/fairness?sale=drop`);
    await shows(page, "live");
    for (const figure of ["order", "first", "waits", "bounds", "estimates"]) {
      const section = page.getByTestId(`figure-${figure}`);
      await section.locator("svg[role=img]").waitFor();
      await section.getByText("The figures as a table").click();
      expect(await section.locator("tbody tr").count(), figure).toBeGreaterThan(1);
      await section.getByText("The figures as a table").click();
    }
    await picture(page, "fairness-figures", page.getByTestId("figure-order"));
    await picture(page, "fairness-figures-2", page.getByTestId("figure-estimates"));
    await picture(page, "fairness-live", page.locator("h1"));
    expect(refused).toEqual([]);

    report = fairnessOf({ capacity: { peak: 203, setting: 200, overshoot: 3 } });
    await page.reload();
    await shows(page, "final");
    expect(await page.getByTestId("promise-capacity").getAttribute("data-verdict")).toBe("failed");
    await page.getByText("1 promise of the line was not kept").waitFor();
    await picture(page, "fairness-failed", page.locator("h1"));
  });
});
