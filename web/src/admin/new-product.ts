/** The form that adds a product to the catalogue. */
import type { AdminApi } from "./admin-api.ts";
import { inputField, minorUnits, selectField, textOf, workForm } from "./form.ts";

const CURRENCIES = ["EUR", "USD", "GBP"] as const;

/** Builds the form; `created` hears when there is a new product. */
export function newProductForm(api: AdminApi, created: () => void): HTMLElement {
  const work = async (data: FormData): Promise<string> => {
    const currency = textOf(data, "currency");
    const image = textOf(data, "image");
    const product = await api.createProduct({
      name: textOf(data, "name"),
      description: textOf(data, "description"),
      price: { amount: minorUnits(textOf(data, "price"), currency), currency },
      images: image === "" ? [] : [image],
    });
    created();
    return `${product.name} is in the catalogue.`;
  };
  return workForm(
    "Create the product",
    work,
    inputField("Name", "name", { required: true, maxlength: 200 }),
    inputField("Description", "description", { maxlength: 2_000 }),
    inputField("Regular price", "price", { type: "number", min: 0, step: 0.01, required: true }),
    selectField(
      "Currency",
      "currency",
      CURRENCIES.map((currency) => [currency, currency] as const),
    ),
    inputField("Picture, an address", "image", { placeholder: "/images/phone.svg" }),
  );
}
