/** What the shop tells everyone in line, above every panel of who waits or is inside. */
import { h, setText } from "./dom.ts";
import type { SaleModel } from "./sale-model.ts";
import type { Screen } from "./waiting.ts";

const SHOWN_ON: ReadonlySet<Screen> = new Set([
  "countdown",
  "joining",
  "waiting",
  "paused",
  "admitted",
  "waitlist",
]);

/** The message on the page. */
export interface ShopMessage {
  readonly update: (screen: Screen, model: SaleModel) => void;
}

/** Builds it inside a live region that is on the page from the start. */
export function createShopMessage(region: HTMLElement): ShopMessage {
  const text = h("span", { "data-testid": "message" });
  const message = h(
    "p",
    { class: "shop-message" },
    h("strong", { class: "shop-message-from" }, "From the shop"),
    text,
  );
  return {
    update(screen, { view, status, order }) {
      const told = view === null ? (status?.queue.message ?? null) : view.message;
      const isShown = told !== null && order === null && SHOWN_ON.has(screen);
      setText(text, isShown ? told : "");
      if (isShown !== message.isConnected) {
        region.replaceChildren(...(isShown ? [message] : []));
      }
    },
  };
}
