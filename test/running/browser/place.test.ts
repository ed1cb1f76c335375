import { describe, expect, it } from "vitest";
import { browserMissing } from "../../support/browser.ts";
import { picture, placeOf, shows, useShop } from "../../support/shop.ts";

/** A place that was given is kept, whatever happens to the page. */
describe.skipIf(browserMissing() !== null)("a place", () => {
  const shop = useShop();

  it("outlives a refresh, a second tab, a lost network and a closed browser", async () => {
    const { client } = shop();
    await client.sale("keep", {
      name: "Half price: the new phone",
      queue: { totalActiveUsers: 1, claimSeconds: 600 },
    });
    await client.admitted("keep");
    await shop().crowd("keep", 3);
    const shopper = await shop().shopper();
    const page = await shop().visitSale("keep", shopper);
    await page.getByTestId("join").click();
    await shows(page, "waiting");
    const place = await placeOf(page);
    expect(place.number).toBe("5");

    await page.reload();
    await shows(page, "waiting");
    expect(await placeOf(page)).toEqual(place);

    const second = await shop().visitSale("keep", shopper);
    await shows(second, "waiting");
    expect(await placeOf(second)).toEqual(place);
    await second.close();

    await shopper.setOffline(true);
    await shows(page, "offline");
    expect(await placeOf(page)).toEqual(place);
    await picture(page, "offline");
    await shopper.setOffline(false);
    await shows(page, "waiting");
    expect(await placeOf(page)).toEqual(place);

    const storageState = await shopper.storageState();
    await shopper.close();
    const reopened = await shop().visitSale("keep", await shop().shopper({ storageState }));
    await shows(reopened, "waiting");
    expect(await placeOf(reopened)).toEqual(place);
  });
});
