/** The page of one sale: its article on one side, the shopper's way through the line on the other. */
import { getSale, listProducts } from "./api.ts";
import { createChime } from "./chime.ts";
import { serverNowMs } from "./clock.ts";
import { createConnection } from "./connection.ts";
import type { Product } from "./contract.ts";
import { byId, focusOn, h } from "./dom.ts";
import { idOfPage } from "./links.ts";
import { createNotice } from "./notice.ts";
import { lead, panelHeading } from "./panels/panel.ts";
import { ApiProblem, NoAnswer, readableProblem } from "./problem.ts";
import { SaleController } from "./sale-controller.ts";
import { createSaleHead } from "./sale-head.ts";
import { isToBeAsked } from "./renewal.ts";
import { screenFacts } from "./sale-model.ts";
import { createSpeaker, isToSound, saleTitle } from "./sale-voice.ts";
import { createShopMessage } from "./shop-message.ts";
import { createStage } from "./stage.ts";
import { prune } from "./storage.ts";
import { untilAnswered } from "./attempts.ts";
import { chooseScreen, type Screen } from "./waiting.ts";

/** Often enough that a countdown never skips a second. */
const TICK_MS = 250;

const main = byId("main");
const showNotice = createNotice(byId("notice"));

async function loadProducts(): Promise<ReadonlyMap<string, Product>> {
  try {
    return new Map((await listProducts()).map((product) => [product.productId, product]));
  } catch {
    // Pictures and descriptions are welcome, not needed: the sale goes on without them.
    return new Map();
  }
}

async function start(saleId: string): Promise<void> {
  const connection = createConnection(byId("connection"));
  const [sale, products] = await Promise.all([
    untilAnswered(() => getSale(saleId), connection.retrying),
    loadProducts(),
  ]);
  let isDrawPlanned = false;
  // Several changes in one go are drawn once; a microtask also runs in a hidden tab.
  const changed = (): void => {
    if (!isDrawPlanned) {
      isDrawPlanned = true;
      queueMicrotask(draw);
    }
  };
  const controller = new SaleController(sale, products, {
    changed,
    problem: (error) => showNotice(error === null ? "" : readableProblem(error)),
    tell: showNotice,
    retrying: connection.retrying,
    failures: connection.failures,
  });
  const head = createSaleHead(byId("head"), sale, products, (sku) => controller.choose(sku));
  const chime = createChime(changed);
  const stage = createStage(byId("stage"), controller.actions, chime);
  const shopMessage = createShopMessage(byId("shop-message"));
  const speak = createSpeaker(byId("announcer"));
  let drawn: { readonly screen: Screen; readonly isAsked: boolean } | null = null;

  function draw(): void {
    isDrawPlanned = false;
    const { model } = controller;
    const nowMs = serverNowMs();
    const screen = chooseScreen(screenFacts(model), nowMs);
    if (model.errand === null) {
      connection.settled();
    }
    main.dataset["state"] = connection.isOffline() ? "offline" : screen;
    main.dataset["screen"] = screen;
    head.update(model);
    shopMessage.update(screen, model);
    stage.show(screen, model, nowMs);
    speak(screen, model, nowMs);
    document.title = saleTitle(screen, model, nowMs);
    const now = { screen, isAsked: isToBeAsked(model.renewal, nowMs) };
    if (isToSound(drawn, now)) {
      chime.ring();
    }
    drawn = now;
  }
  setInterval(draw, TICK_MS);
  draw();
}

async function open(): Promise<void> {
  prune();
  const saleId = idOfPage();
  try {
    if (saleId === null) {
      throw new Error("The address names no sale. Choose one in the shop.");
    }
    await start(saleId);
  } catch (error) {
    main.dataset["state"] = "missing";
    byId("head").hidden = true;
    const isUnknown =
      !(error instanceof NoAnswer) && !(error instanceof ApiProblem && error.passesSoon);
    const heading = panelHeading(isUnknown ? "There is no such sale" : "The shop does not answer");
    byId("stage").replaceChildren(
      h(
        "div",
        { class: "panel-body" },
        heading,
        lead(
          isUnknown
            ? "The link may be cut short, or the sale was taken down."
            : readableProblem(error),
        ),
        h(
          "div",
          { class: "actions" },
          h("a", { class: "button button-main", href: "/" }, "To the sales"),
        ),
      ),
    );
    focusOn(heading);
  }
}

void open();
