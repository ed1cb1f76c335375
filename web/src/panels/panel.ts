/** What every panel of a page is: built once for a screen, then updated in place. */
import { h } from "../dom.ts";

/** A built panel. `update` only touches what changed, so that focus and selection stay. */
export interface Panel<Model> {
  readonly root: HTMLElement;
  /** Gets the focus when the panel replaces another one. */
  readonly heading: HTMLElement;
  readonly update: (model: Model, nowMs: number) => void;
}

/** A panel's heading. */
export function panelHeading(text: string): HTMLElement {
  return h("h2", { class: "panel-heading" }, text);
}

/** A panel's explaining sentence. */
export function lead(text: string): HTMLElement {
  return h("p", { class: "lead" }, text);
}

/** The panel's one main button. */
export function mainButton(testId: string, label: string, onClick: () => void): HTMLButtonElement {
  return h(
    "button",
    { class: "button button-main", type: "button", "data-testid": testId, click: onClick },
    label,
  );
}

/** A button beside the main one, for going back or giving up. */
export function quietButton(testId: string, label: string, onClick: () => void): HTMLButtonElement {
  return h(
    "button",
    { class: "button button-quiet", type: "button", "data-testid": testId, click: onClick },
    label,
  );
}

/** Term and value pairs in a row or grid; give back the value elements by their term. */
export function facts(terms: readonly string[]): {
  readonly root: HTMLElement;
  readonly values: readonly HTMLElement[];
} {
  const values = terms.map(() => h("dd"));
  const pairs = terms.map((term, index) => h("div", {}, h("dt", {}, term), values[index] ?? null));
  return { root: h("dl", { class: "facts" }, ...pairs), values };
}

/** Marks a button as doing its work: it stays focusable, says so, and ignores more clicks. */
export function setBusy(
  button: HTMLButtonElement,
  busy: boolean,
  idle: string,
  doing: string,
): void {
  const label = busy ? doing : idle;
  if (button.textContent !== label) {
    button.textContent = label;
  }
  button.setAttribute("aria-disabled", String(busy));
  button.classList.toggle("is-busy", busy);
}

/** A shopper may be allowed more, but a longer list helps nobody. */
const QUANTITY_CHOICES_MAX = 10;

/** The choice of how many, up to what one shopper may have. */
export function quantitySelect(perShopper: number, testId: string): HTMLSelectElement {
  const choices = Math.min(Math.max(perShopper, 1), QUANTITY_CHOICES_MAX);
  const options = Array.from({ length: choices }, (_, index) =>
    h("option", { value: index + 1 }, String(index + 1)),
  );
  return h("select", { "data-testid": testId }, ...options);
}
