import { describe, it } from "vitest";
import { browserMissing, photograph } from "../../support/browser.ts";
import { picture, PICTURES, useShop } from "../../support/shop.ts";

/** The pages beside a sale's own. */
describe.skipIf(browserMissing() !== null)("the other pages", () => {
  const shop = useShop();

  it("shows the storefront, the admin page and the documentation", async () => {
    const { client, system } = shop();
    await client.sale("drop", { name: "Half price: the new phone" });
    const page = await shop().visit("/");
    await page.getByText("Half price: the new phone").first().waitFor();
    await picture(page, "storefront");
    await page.goto(`${system.url}/admin`);
    await page.getByTestId("admin-token").fill(system.adminToken);
    await page.keyboard.press("Enter");
    await page.getByText("Half price: the new phone").first().waitFor();
    await picture(page, "admin");
    await page.goto(`${system.url}/docs`);
    await page.getByText("/api/v1/sales/{saleId}/queue").first().waitFor();
    // Swagger's own page: what it lacks is not ours to mend.
    await photograph(page, PICTURES, "docs");
  });
});
