/** Puts the right panel on the sale page, and the focus where the shopper's attention belongs. */
import type { Chime } from "./chime.ts";
import { focusOn } from "./dom.ts";
import { drawPanel } from "./panels/draw-panel.ts";
import { endPanel } from "./panels/end-panels.ts";
import { waitlistPanel } from "./panels/list-panels.ts";
import { orderPanel } from "./panels/order-panels.ts";
import type { OrderModel } from "./panels/order-parts.ts";
import type { Panel } from "./panels/panel.ts";
import { countdownPanel, joiningPanel, waitingPanel } from "./panels/queue-panels.ts";
import { turnPanel } from "./panels/turn-panel.ts";
import type { SaleActions, SaleModel } from "./sale-model.ts";
import type { Screen } from "./waiting.ts";

/** The place of the panels. */
export interface Stage {
  /** Shows a screen; true when another panel came up. */
  readonly show: (screen: Screen, model: SaleModel, nowMs: number) => boolean;
}

/** Makes an element the place of the panels. */
export function createStage(host: HTMLElement, actions: SaleActions, chime: Chime): Stage {
  const build = (kind: string, screen: Screen, model: SaleModel): Panel<SaleModel> =>
    buildPanel(kind, screen, { model, actions, chime });
  let shown: { readonly kind: string; readonly panel: Panel<SaleModel> } | null = null;
  return {
    show(screen, model, nowMs) {
      const kind = panelKind(screen, model);
      const isNew = shown?.kind !== kind;
      const panel = shown !== null && !isNew ? shown.panel : build(kind, screen, model);
      panel.update(model, nowMs);
      if (isNew) {
        const isFirst = shown === null;
        const hadFocus =
          document.activeElement === document.body || host.contains(document.activeElement);
        shown = { kind, panel };
        host.replaceChildren(panel.root);
        // Not at page load, and not away from something else the shopper is busy with.
        if (!isFirst && hadFocus) {
          focusOn(panel.heading);
        }
      }
      return isNew;
    },
  };
}

function panelKind(screen: Screen, { view, order }: SaleModel): string {
  const isInLine = order === null && (screen === "waiting" || screen === "paused");
  if (isInLine && view?.state === "waiting") {
    return view.number === null ? "draw" : "waiting";
  }
  if (screen === "paused" && order === null && view?.state === "admitted") {
    return "admitted";
  }
  return screen === "declined" && order?.status === "PAYMENT_FAILED" ? "failed" : screen;
}

/** What panels are built with. */
interface Parts {
  readonly model: SaleModel;
  readonly actions: SaleActions;
  readonly chime: Chime;
}

function buildPanel(
  kind: string,
  screen: Screen,
  { model, actions, chime }: Parts,
): Panel<SaleModel> {
  switch (kind) {
    case "countdown":
      return countdownPanel(model.sale, actions, chime);
    case "joining":
      return joiningPanel(actions);
    case "draw":
      return drawPanel(model.sale, actions, chime);
    case "waiting":
      return waitingPanel(model, actions, chime);
    case "admitted":
      return turnPanel(model, actions);
    case "waitlist":
      return waitlistPanel(actions, chime);
    default:
      return ofOrder(orderPanel(kind, actions, false)) ?? endPanel(screen, model, actions);
  }
}

/** Lets an order's panel stand on the sale's page. */
function ofOrder(panel: Panel<OrderModel> | null): Panel<SaleModel> | null {
  return (
    panel && {
      ...panel,
      update({ order, sale, errand, cardsAgainAtMs }, nowMs) {
        if (order !== null) {
          const item = sale.items.find(({ sku }) => sku === order.sku);
          const itemName = item?.name ?? order.sku;
          const needsAddress = sale.limits.perPostalAddress !== undefined;
          panel.update({ order, itemName, errand, cardsAgainAtMs, needsAddress }, nowMs);
        }
      },
    }
  );
}
