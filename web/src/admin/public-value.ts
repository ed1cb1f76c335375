/** The public value that decides a sale's draw, too: what is known of it, and the form that brings it. */
import { askToConfirm } from "../confirm.ts";
import type { AdminSale } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { valueName } from "../draw-text.ts";
import type { AdminApi } from "./admin-api.ts";
import { inputField, textOf, workForm } from "./form.ts";

/** As long as the shop takes. */
const VALUE_MAX_CHARACTERS = 256;

/** The part of a sale's detail that is about its public value. */
export interface PublicValue {
  readonly root: HTMLElement;
  readonly update: (queue: AdminSale["queue"]) => void;
}

/** Builds the part; it shows nothing for a sale that has named no value. `changed` hears when one was brought. */
export function createPublicValue(api: AdminApi, saleId: string, changed: () => void): PublicValue {
  let name = "";
  const told = h("p", { class: "callout", "data-testid": "public-value" });
  const work = async (data: FormData): Promise<string> => {
    const value = textOf(data, "value");
    const isSure = await askToConfirm({
      title: "Draw with this value?",
      text: `Compare it with what ${name} is: ${value}. It can be given only once, and everyone can check it.`,
      yes: "Draw the places",
      no: "Look again",
      testId: "value-confirm",
    });
    if (!isSure) {
      return "Nothing was drawn.";
    }
    await api.bringRandomness(saleId, value);
    changed();
    return "The places are drawn.";
  };
  const form = workForm(
    "Draw the places",
    work,
    inputField("Value, as its source tells it", "value", {
      required: true,
      maxlength: VALUE_MAX_CHARACTERS,
      autocomplete: "off",
      spellcheck: "false",
    }),
  );
  const root = h("div", { class: "public-value" }, told, form);
  return {
    root,
    update({ publicRandomness }) {
      setShown(root, publicRandomness !== undefined);
      if (publicRandomness !== undefined) {
        name = valueName(publicRandomness);
        setText(told, publicValueText(publicRandomness));
        told.classList.toggle("callout-warn", publicRandomness.isMissing);
        setShown(form, publicRandomness.isMissing);
      }
    },
  };
}

function publicValueText(named: NonNullable<AdminSale["queue"]["publicRandomness"]>): string {
  const name = valueName(named);
  if (named.value !== null) {
    return `Places are drawn with ${name}: ${named.value}`;
  }
  return named.isMissing
    ? `Nobody has a number yet: the draw waits for the value of ${name}.`
    : `After the start the draw will wait for the value of ${name}; bring it here then.`;
}
