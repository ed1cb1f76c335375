/** One row of the admin's list of orders. */
import type { AdminOrder } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatMoment, formatMoney, formatNumber } from "../format.ts";
import { errorWords, methodWords, paymentWords, statusWords, takingBack } from "./payment-text.ts";
import type { Row } from "./rows.ts";

/** What the columns are called. */
export const ORDER_HEADINGS = [
  "Order",
  "Status",
  "Payment",
  "Attempts",
  "Total",
  "Placed",
  "Refund",
] as const;

/** Builds a row; `takeBack` gets the order when its button is pressed. */
export function orderRow(
  takeBack: (order: AdminOrder, root: HTMLElement) => void,
): Row<AdminOrder> {
  let order: AdminOrder | null = null;
  const id = h("td", { class: "code order-id" });
  const status = h("span");
  const method = h("span");
  const payment = h("span", { class: "fine" });
  const attempts = h("span");
  const lastError = h("span", { class: "fine" });
  const total = h("span");
  const article = h("span", { class: "fine" });
  const placed = h("span");
  const place = h("span", { class: "fine" });
  const button = h("button", {
    class: "button button-quiet",
    type: "button",
    click: () => order !== null && takeBack(order, root),
  });
  const root = h(
    "tr",
    {},
    id,
    h("td", {}, status),
    h("td", { class: "two-lines" }, method, payment),
    h("td", { class: "two-lines" }, attempts, lastError),
    h("td", { class: "two-lines" }, total, article),
    h("td", { class: "two-lines" }, placed, place),
    h("td", {}, button),
  );
  return {
    root,
    update(now) {
      order = now;
      const { orderId, sku, quantity, number } = now;
      setText(id, orderId);
      id.title = orderId;
      setText(status, statusWords(now.status));
      status.className = `badge badge-${now.status.toLowerCase()}`;
      setText(method, methodWords(now));
      const doubt = now.attention === undefined ? "" : ", needs a person";
      setText(payment, `${paymentWords(now)}${doubt}`);
      const tried = now.paymentMethod === "cod" ? 0 : (now.payment?.attempts ?? 0);
      setText(attempts, tried === 0 ? "–" : formatNumber(tried));
      setText(lastError, errorWords(now));
      setText(total, formatMoney(now.total));
      setText(article, `${quantity} × ${sku}`);
      setText(place, number === undefined ? "" : `Place ${formatNumber(number)}`);
      setText(placed, formatMoment(now.createdAt));
      const way = takingBack(now);
      setShown(button, way !== null);
      setText(button, way?.label ?? "");
      button.setAttribute("aria-label", `${way?.label ?? ""} order ${orderId}`);
    },
  };
}
