/** Where an order goes: asked for only where a sale limits units by postal address. */
import type { ShippingAddress } from "../contract.ts";
import { h } from "../dom.ts";

/** ISO 3166-1 alpha-2; the browser knows their names. */
const COUNTRIES =
  "AD AE AL AM AR AT AU AZ BA BD BE BG BH BR BY CA CH CL CN CO CR CY CZ DE DK DO DZ EC EE EG ES FI FR GB GE GR GT HK HR HU ID IE IL IN IS IT JO JP KE KR KW KZ LB LI LK LT LU LV MA MC MD ME MK MT MX MY NG NL NO NZ OM PA PE PH PK PL PT QA RO RS SA SE SG SI SK SM TH TN TR TW UA US UY VN ZA";

const FIELDS = [
  { name: "name", label: "Name", autocomplete: "name", max: 200 },
  { name: "line1", label: "Street and number", autocomplete: "address-line1", max: 200 },
  { name: "postalCode", label: "Postal code", autocomplete: "postal-code", max: 20 },
  { name: "city", label: "City", autocomplete: "address-level2", max: 200 },
] as const;

/** What was typed last, so that a second try with another card need not repeat it. */
let typed: ShippingAddress | null = null;

/** The fields on the page. */
export interface AddressFields {
  readonly root: HTMLFieldSetElement;
  /** What is typed; complete once the form lets itself be sent. */
  readonly read: () => ShippingAddress;
}

/** Builds the fields, with what was typed before. */
export function addressFields(): AddressFields {
  const inputs = FIELDS.map(({ name, label, autocomplete, max }) => {
    const value = typed?.[name] ?? "";
    const input = h("input", { name, autocomplete, maxlength: max, value, required: true });
    return { input, root: h("label", { class: "field" }, h("span", {}, label), input) };
  });
  const country = countrySelect();
  const read = (): ShippingAddress => {
    const [name = "", line1 = "", postalCode = "", city = ""] = inputs.map(
      ({ input }) => input.value,
    );
    typed = { name, line1, postalCode, city, country: country.value };
    return typed;
  };
  return {
    root: h(
      "fieldset",
      { class: "address" },
      h("legend", {}, "Where does it go?"),
      ...inputs.map(({ root }) => root),
      h("label", { class: "field" }, h("span", {}, "Country"), country),
      h(
        "p",
        { class: "fine" },
        "This sale limits how many go to one address. Only a code made from it is kept for that.",
      ),
    ),
    read,
  };
}

function countrySelect(): HTMLSelectElement {
  const names = new Intl.DisplayNames("en", { type: "region" });
  const likely = typed?.country ?? new Intl.Locale(navigator.language).maximize().region ?? "";
  const options = COUNTRIES.split(" ")
    .map((code) => ({ code, name: names.of(code) ?? code }))
    .toSorted((one, other) => one.name.localeCompare(other.name, "en"))
    .map(({ code, name }) => h("option", { value: code, selected: code === likely }, name));
  return h("select", { name: "country", autocomplete: "country", required: true }, ...options);
}
