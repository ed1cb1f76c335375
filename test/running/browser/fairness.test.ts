import { describe, expect, it } from "vitest";
import type { Fairness } from "../../../web/src/fairness/contract.ts";
import { fairnessOf } from "../../../web/src/testing/fairness-reports.ts";
import { browserMissing, photograph } from "../../support/browser.ts";
import { picture, PICTURES, shows, useShop } from "../../support/shop.ts";

/** How a line was kept, as the page tells it. */
describe.skipIf(browserMissing() !== null)("the fairness page", () => {
  const shop = useShop();

  it("tells how the line of a real sale was kept, and is reached from where that is asked", async () => {
    const { client, system } = shop();
    const queue = { totalActiveUsers: 5, newUsersPerMinute: 600 };
    await client.sale("kept", { name: "Half price: the new phone", queue });
    for (const _ of Array.from({ length: 5 })) await client.admitted("kept");
    await shop().crowd("kept", 20);
    await client.admin("POST", "/sales/kept/end");
    const sale = await shop().visitSale("kept");
    await shows(sale, "ended");
    await sale.getByText("How was the line kept?").click();
    await shows(sale, "final");
    for (const promise of ["arrival", "admission", "duplicates", "capacity", "rate"]) {
      const told = sale.getByTestId(`promise-${promise}`);
      expect(await told.getAttribute("data-verdict"), promise).toBe("passed");
    }
    await sale.getByTestId("figure-order").locator("svg").waitFor();
    await sale.getByTestId("figure-bounds").locator("svg").waitFor();
    await picture(sale, "fairness", sale.locator("h1"));
    await picture(sale, "fairness-order", sale.getByTestId("figure-order"));

    const admin = await shop().visit("/admin");
    await admin.getByTestId("admin-token").fill(system.adminToken);
    await admin.keyboard.press("Enter");
    await admin.getByTestId("fairness").click();
    await shows(admin, "final");
  });

  it("draws every figure, each with its table, and says what was not kept", async () => {
    let report: Fairness = fairnessOf({ isFinal: false });
    const shopper = await shop().shopper();
    await shopper.route("**/sales/drop/fairness", (route) => route.fulfill({ json: report }));
    const page = await shopper.newPage();
    const refused: string[] = [];
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) refused.push(message.text());
    });
    await page.clock.install();
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

    // It follows the sale by itself, and leaves open what is open.
    const waits = page.getByTestId("figure-waits");
    await waits.getByText("The figures as a table").click();
    report = fairnessOf({ capacity: { peak: 203, setting: 200, overshoot: 3 } });
    await page.clock.fastForward("00:10");
    await shows(page, "final");
    expect(await waits.locator("table").isVisible()).toBe(true);
    expect(await page.getByTestId("promise-capacity").getAttribute("data-verdict")).toBe("failed");
    await page.getByText("1 promise of the line was not kept").waitFor();
    await picture(page, "fairness-failed", page.locator("h1"));
    await page.emulateMedia({ colorScheme: "dark" });
    await photograph(page, PICTURES, "fairness-dark", page.getByTestId("figure-order"));
  });
});
