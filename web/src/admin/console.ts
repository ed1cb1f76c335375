/** The admin's console: all sales, what needs a person, one sale in detail, orders, and the forms that create. */
import { listProducts } from "../api.ts";
import { createConnection } from "../connection.ts";
import type { AdminOrder, AdminSale, SaleSummary } from "../contract.ts";
import { byId, h } from "../dom.ts";
import { startPoller, type Poller } from "../poller.ts";
import { ApiProblem } from "../problem.ts";
import type { AdminApi } from "./admin-api.ts";
import { createAttentionList } from "./attention-list.ts";
import { createBooksPanel, type BooksPanel } from "./books-panel.ts";
import { newProductForm } from "./new-product.ts";
import { newSaleForm } from "./new-sale.ts";
import { createOrderTable } from "./order-table.ts";
import { createSaleDetail, type SaleDetail } from "./sale-detail.ts";
import { createSaleList } from "./sale-list.ts";
import { ToldOrders } from "./told-orders.ts";

const REFRESH_MS = 1_500;

/** Which sale the admin most likely came for. */
function firstChoice(sales: readonly AdminSale[]): string | null {
  const byState = (state: AdminSale["state"]): AdminSale | undefined =>
    sales.find((sale) => sale.state === state);
  const choice = byState("active") ?? byState("paused") ?? byState("prequeue") ?? sales[0];
  return choice?.saleId ?? null;
}

/** Shows the console in a host; `refused` hears when the shop no longer accepts the token. */
export function showConsole(host: HTMLElement, api: AdminApi, refused: () => void): void {
  const connection = createConnection(byId("connection"));
  let sales: readonly AdminSale[] = [];
  let chosen: string | null = null;
  let detail: SaleDetail | null = null;
  let books: BooksPanel | null = null;
  let summary: SaleSummary | null = null;

  const failures = (loop: string, count: number, error: unknown): void => {
    if (error instanceof ApiProblem && (error.status === 401 || error.status === 403)) {
      poller.stop();
      refused();
      return;
    }
    connection.failures(loop, count, error);
  };
  const list = createSaleList((saleId) => choose(saleId));
  const told = new ToldOrders();
  const acted = (order: AdminOrder): void => {
    told.tell(order);
    attention.refresh();
    orders.refresh();
    poller.wake();
  };
  const attention = createAttentionList({
    api,
    told,
    nameOf: (saleId) => sales.find((sale) => sale.saleId === saleId)?.name ?? saleId,
    acted,
    onFailures: (count, error) => failures("attention", count, error),
  });
  const orders = createOrderTable({
    api,
    told,
    acted,
    onFailures: (count, error) => failures("orders", count, error),
  });
  const detailHost = h("div", { class: "console" });
  const forms = h("div", { class: "admin-forms" });

  function choose(saleId: string): void {
    chosen = saleId;
    summary = null;
    detail = createSaleDetail(api, saleId, () => poller.wake());
    books?.stop();
    books = createBooksPanel({
      api,
      saleId,
      compared: () => attention.refresh(),
      onFailures: (count, error) => failures("books", count, error),
    });
    detailHost.replaceChildren(detail.root, books.root);
    orders.setSale(saleId);
    draw();
    poller.wake();
  }

  function draw(): void {
    list.update(sales, chosen);
    attention.draw();
    const sale = sales.find(({ saleId }) => saleId === chosen);
    if (sale !== undefined) {
      detail?.update(sale, summary);
      books?.update(sale);
    }
  }

  async function ask(): Promise<number> {
    sales = await api.sales();
    const first = firstChoice(sales);
    if (chosen === null && first !== null) {
      choose(first);
    }
    const asked = chosen;
    const figures = asked === null ? null : await api.summary(asked);
    if (asked === chosen) {
      summary = figures;
    }
    draw();
    return REFRESH_MS;
  }

  async function showForms(): Promise<void> {
    const products = await listProducts();
    forms.replaceChildren(
      fold("New sale", newSaleForm(api, products, choose)),
      fold(
        "New product",
        newProductForm(api, () => void showForms()),
      ),
    );
  }

  host.replaceChildren(
    h("section", { class: "admin-card", "aria-label": "Sales" }, h("h2", {}, "Sales"), list.root),
    attention.root,
    forms,
    detailHost,
    orders.root,
  );
  const poller: Poller = startPoller({
    ask,
    onFailures: (count, error) => failures("sales", count, error),
  });
  void showForms().catch((error: unknown) => connection.failures("forms", 2, error));
}

function fold(title: string, content: HTMLElement): HTMLElement {
  return h("details", { class: "admin-card" }, h("summary", {}, h("h2", {}, title)), content);
}
