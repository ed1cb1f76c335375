import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, shows, useShop } from "../../support/shop.ts";

const BEACON = { source: "drand", round: "4711" };
/** As long as a beacon's value is. */
const VALUE = "b0".repeat(32);

/** A draw that waits for a public value, from both sides. */
describe.skipIf(browserMissing() !== null)("a draw with a public value", () => {
  const shop = useShop();

  it("is named before the start, waited for after it, and settled by who brings the value", async () => {
    const { client } = shop();
    const price = { amount: 99_900, currency: "EUR" };
    const images = ["/images/phone.svg"];
    await client.admin("POST", "/products", { productId: "phone", name: "Phone", price, images });
    const admin = await shop().visit("/admin");
    await admin.getByTestId("admin-token").fill(shop().system.adminToken);
    await admin.keyboard.press("Enter");
    await admin.getByText("New sale").click();
    await admin.getByLabel("Name").first().fill("Half price: the new phone");
    await admin.getByLabel("Draw early places by lot").check();
    await admin.getByLabel("Public value in the draw: source").fill(BEACON.source);
    await admin.getByLabel("Its round").fill(BEACON.round);
    await picture(admin, "admin-new-draw", admin.getByLabel("Its round"));
    await admin.getByRole("button", { name: "Create the sale" }).click();
    await admin.getByText("is created.").waitFor();
    const { body } = await client.admin("GET", "/sales");
    const [sale] = body["sales"] as { saleId: string; queue: object }[];
    expect(sale?.queue).toMatchObject({ shuffleAtStart: true, publicRandomness: BEACON });

    const page = await shop().visitSale(sale?.saleId ?? "");
    await page.getByTestId("join").click();
    await page.getByText("when the sale is open and drand round 4711 is known").waitFor();
    const told = admin.getByTestId("public-value");
    await told.getByText("After the start the draw will wait").waitFor();
    const value = admin.getByLabel("Value, as its source tells it");
    expect(await value.isVisible()).toBe(false);

    await admin.getByTestId("sale-start").click();
    await page.getByText("Places are drawn as soon as drand round 4711 is known.").waitFor();
    await shows(page, "waiting");
    await picture(page, "draw-awaited");
    await told.getByText("Nobody has a number yet").waitFor();
    await value.fill(VALUE);
    await picture(admin, "admin-public-value", told);
    await admin.keyboard.press("Enter");
    await admin.getByText("Draw with this value?").waitFor();
    await picture(admin, "admin-public-value-asked");
    await admin.getByTestId("value-confirm").click();
    await told.getByText(VALUE).waitFor();
    await told.getByText("Places are drawn with drand round 4711").waitFor();
    await shows(page, "admitted");
  });
});
