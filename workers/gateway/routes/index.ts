import { admin, idempotencyKey, optionalIdempotencyKey, shopper } from "../credentials.ts";
import type { Route } from "../endpoint.ts";
import * as adminArea from "./admin.ts";
import * as catalogue from "./catalogue.ts";
import * as identity from "./identity.ts";
import * as operations from "./operations.ts";
import * as orders from "./orders.ts";
import { purchase } from "./purchase.ts";
import * as queue from "./queue.ts";

/** Where the contract begins; what is in front of it is for operations. */
export const API = "/api/v1";

/** Everything that the gateway serves: what is asked, what it has to bring, who answers. */
export const ROUTES: readonly Route[] = [
  { on: `POST ${API}/auth/guest`, to: identity.createGuest },

  { on: `GET ${API}/products`, to: catalogue.listProducts },
  { on: `GET ${API}/products/{productId}`, to: catalogue.getProduct },
  { on: `GET ${API}/sales`, to: catalogue.listSales },
  { on: `GET ${API}/sales/{saleId}`, to: catalogue.getSale },
  { on: `GET ${API}/sales/{saleId}/status`, to: catalogue.getSaleStatus },

  { on: `POST ${API}/sales/{saleId}/queue`, needs: [shopper], to: queue.joinQueue },
  { on: `GET ${API}/sales/{saleId}/queue`, to: queue.pollQueue },
  { on: `DELETE ${API}/sales/{saleId}/queue`, to: queue.leaveQueue },

  { on: `POST ${API}/sales/{saleId}/purchase`, needs: [shopper, idempotencyKey], to: purchase },
  {
    on: `POST ${API}/orders/{orderId}/checkout`,
    needs: [shopper, idempotencyKey],
    to: orders.checkoutOrder,
  },
  { on: `GET ${API}/orders`, needs: [shopper], to: orders.listOrders },
  { on: `GET ${API}/orders/{orderId}`, needs: [shopper], to: orders.getOrder },
  { on: `GET ${API}/orders/{orderId}/status`, needs: [shopper], to: orders.getOrder },
  { on: `POST ${API}/orders/{orderId}/cancel`, needs: [shopper], to: orders.cancelOrder },

  { on: `POST ${API}/admin/products`, needs: [admin("admin")], to: adminArea.createProduct },
  { on: `POST ${API}/admin/sales`, needs: [admin("admin")], to: adminArea.createSale },
  { on: `GET ${API}/admin/sales`, needs: [admin("viewer")], to: adminArea.listSales },
  {
    on: `POST ${API}/admin/sales/{saleId}/start`,
    needs: [admin("operator")],
    to: adminArea.startSale,
  },
  {
    on: `POST ${API}/admin/sales/{saleId}/pause`,
    needs: [admin("operator")],
    to: adminArea.pauseSale,
  },
  {
    on: `POST ${API}/admin/sales/{saleId}/resume`,
    needs: [admin("operator")],
    to: adminArea.resumeSale,
  },
  { on: `POST ${API}/admin/sales/{saleId}/end`, needs: [admin("operator")], to: adminArea.endSale },
  {
    on: `POST ${API}/admin/sales/{saleId}/items/{sku}/restock`,
    needs: [admin("admin"), optionalIdempotencyKey],
    to: adminArea.restock,
  },
  {
    on: `GET ${API}/admin/sales/{saleId}/summary`,
    needs: [admin("viewer")],
    to: adminArea.getSummary,
  },
  {
    on: `GET ${API}/admin/sales/{saleId}/ledger`,
    needs: [admin("viewer")],
    to: adminArea.getLedger,
  },
  { on: `GET ${API}/admin/orders`, needs: [admin("viewer")], to: adminArea.listOrders },

  { on: "GET /health", to: operations.health },
  { on: "GET /ready", to: operations.ready },
];
