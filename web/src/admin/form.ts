/** Pieces of the admin's forms. */
import { h, setText } from "../dom.ts";
import { readableProblem } from "../problem.ts";

/** A labelled input; attributes are those of the input. */
export function inputField(
  label: string,
  name: string,
  attributes: Readonly<Record<string, string | number | boolean>>,
): HTMLElement {
  return h("label", { class: "field" }, h("span", {}, label), h("input", { name, ...attributes }));
}

/** A labelled choice; options are value and text. */
export function selectField(
  label: string,
  name: string,
  options: readonly (readonly [value: string, text: string])[],
): HTMLElement {
  const choices = options.map(([value, text]) => h("option", { value }, text));
  return h(
    "label",
    { class: "field" },
    h("span", {}, label),
    h("select", { name, required: true }, ...choices),
  );
}

/** A box to tick. */
export function tickField(label: string, name: string, checked: boolean): HTMLElement {
  return h(
    "label",
    { class: "tick-field" },
    h("input", { type: "checkbox", name, checked }),
    label,
  );
}

/** The text of a form field; empty where there is none. */
export function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value.trim() : "";
}

/** The texts of all form fields of one name, in their order on the page. */
export function textsOf(data: FormData, name: string): string[] {
  return data.getAll(name).filter((value) => typeof value === "string");
}

/** Digits after the point that amounts of a currency have. */
function digitsOf(currency: string): number {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount as typed (`499` or `499.50`) in minor units. */
export function minorUnits(typed: string, currency: string): number {
  return Math.round(Number(typed) * 10 ** digitsOf(currency));
}

/** An amount in minor units as it is typed. */
export function majorUnits(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  return (amount / 10 ** digits).toFixed(amount % 10 ** digits === 0 ? 0 : digits);
}

/** A form that says what came of it, and is not sent twice at once. */
export function workForm(
  submitLabel: string,
  work: (data: FormData) => Promise<string>,
  ...children: readonly HTMLElement[]
): HTMLFormElement {
  const button = h("button", { class: "button button-main", type: "submit" }, submitLabel);
  const outcome = h("p", { class: "outcome", role: "status" });
  let isAtWork = false;
  const run = async (): Promise<void> => {
    isAtWork = true;
    setText(outcome, "Working…");
    outcome.classList.remove("is-error");
    try {
      setText(outcome, await work(new FormData(form)));
    } catch (error) {
      setText(outcome, readableProblem(error));
      outcome.classList.add("is-error");
    } finally {
      isAtWork = false;
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!isAtWork) {
      void run();
    }
  };
  const form = h(
    "form",
    { class: "admin-form", submit },
    ...children,
    h("div", { class: "actions" }, button, outcome),
  );
  return form;
}
