import { idempotencyKey, optionalIdempotencyKey, role, shopper } from "../credentials.ts";
import type { Route } from "../endpoint.ts";
import * as admin from "./admin.ts";
import * as payments from "./admin-payments.ts";
import * as attention from "./attention.ts";
import * as audit from "./audit.ts";
import * as books from "./books.ts";
import * as catalogue from "./catalogue.ts";
import { listEvents } from "./events.ts";
import * as fairness from "./fairness.ts";
import * as identity from "./identity.ts";
import { openLive } from "./live.ts";
import * as log from "./log.ts";
import * as notifications from "./notifications.ts";
import * as operations from "./operations.ts";
import * as orders from "./orders.ts";
import { getPaymentStatus, takeWebhook } from "./payments.ts";
import { purchase } from "./purchase.ts";
import * as queue from "./queue.ts";
import { rebuildStep } from "./rebuild.ts";
import { answerBank, getBank } from "./sandbox.ts";
import * as waitlist from "./waitlist.ts";

/** Where the contract begins; what is in front of it is for operations. */
export const API = "/api/v1";

/** What is asked of one sale. */
export const SALE = `${API}/sales/{saleId}`;
const FAIRNESS = `${SALE}/fairness`;
const WAITLIST = `${SALE}/waitlist/{sku}`;
const ORDER = `${API}/orders/{orderId}`;
const NOTIFICATIONS = `${API}/notifications`;
const ADMIN = `${API}/admin`;
const ADMIN_SALE = `${ADMIN}/sales/{saleId}`;

const viewer = role("viewer");
const operator = role("operator");
const administrator = role("admin");

/** Everything that the gateway serves: what is asked, what it has to bring, who answers. */
export const ROUTES: readonly Route[] = [
  { on: `POST ${API}/auth/guest`, to: identity.createGuest },

  { on: `GET ${API}/products`, to: catalogue.listProducts },
  { on: `GET ${API}/products/{productId}`, to: catalogue.getProduct },
  { on: `GET ${API}/sales`, to: catalogue.listSales },
  { on: `GET ${SALE}`, to: catalogue.getSale },
  { on: `GET ${SALE}/status`, to: catalogue.getSaleStatus },

  { on: `POST ${SALE}/queue`, needs: [shopper], to: queue.joinQueue },
  { on: `GET ${SALE}/queue`, to: queue.pollQueue },
  { on: `DELETE ${SALE}/queue`, to: queue.leaveQueue },

  { on: `POST ${SALE}/live`, to: openLive },

  { on: `GET ${FAIRNESS}`, to: fairness.getFairness },
  { on: `GET ${FAIRNESS}/checkpoint`, to: log.getCheckpoint },
  { on: `GET ${FAIRNESS}/tile/{+tile}`, to: log.getTile },
  { on: `GET ${FAIRNESS}/keys`, to: log.getKeys },

  { on: `POST ${SALE}/purchase`, needs: [shopper, idempotencyKey], to: purchase },
  { on: `POST ${WAITLIST}`, needs: [shopper], to: waitlist.joinWaitlist },
  { on: `GET ${WAITLIST}`, needs: [shopper], to: waitlist.getWaitlist },
  { on: `DELETE ${WAITLIST}`, needs: [shopper], to: waitlist.leaveWaitlist },
  {
    on: `POST ${ORDER}/checkout`,
    needs: [shopper, idempotencyKey],
    to: orders.checkoutOrder,
  },
  { on: `GET ${API}/orders`, needs: [shopper], to: orders.listOrders },
  { on: `GET ${ORDER}`, needs: [shopper], to: orders.getOrder },
  { on: `GET ${ORDER}/status`, needs: [shopper], to: orders.getOrder },
  { on: `POST ${ORDER}/cancel`, needs: [shopper], to: orders.cancelOrder },

  { on: `GET ${NOTIFICATIONS}`, needs: [shopper], to: notifications.listNotifications },
  { on: `GET ${NOTIFICATIONS}/contact`, needs: [shopper], to: notifications.getContact },
  { on: `PUT ${NOTIFICATIONS}/contact`, needs: [shopper], to: notifications.putContact },
  { on: `DELETE ${NOTIFICATIONS}/contact`, needs: [shopper], to: notifications.deleteContact },
  { on: `POST ${SALE}/reminder`, needs: [shopper], to: notifications.addReminder },
  { on: `DELETE ${SALE}/reminder`, needs: [shopper], to: notifications.removeReminder },

  { on: `POST ${API}/payments/webhooks/{provider}`, to: takeWebhook },
  { on: `GET ${API}/payments/status/{paymentId}`, needs: [shopper], to: getPaymentStatus },
  { on: `GET ${API}/sandbox/bank/{challenge}`, to: getBank },
  { on: `POST ${API}/sandbox/bank/{challenge}`, to: answerBank },

  { on: `POST ${ADMIN}/products`, needs: [administrator], to: admin.createProduct },
  {
    on: `PATCH ${ADMIN}/products/{productId}`,
    needs: [administrator],
    to: admin.changeProduct,
  },
  { on: `POST ${ADMIN}/sales`, needs: [administrator], to: admin.createSale },
  { on: `GET ${ADMIN}/sales`, needs: [viewer], to: admin.listSales },
  { on: `PATCH ${ADMIN_SALE}`, needs: [operator], to: admin.changeSale },
  { on: `POST ${ADMIN_SALE}/start`, needs: [operator], to: admin.startSale },
  { on: `POST ${ADMIN_SALE}/pause`, needs: [operator], to: admin.pauseSale },
  { on: `POST ${ADMIN_SALE}/resume`, needs: [operator], to: admin.resumeSale },
  { on: `POST ${ADMIN_SALE}/end`, needs: [operator], to: admin.endSale },
  { on: `PATCH ${ADMIN_SALE}/queue`, needs: [operator], to: admin.adjustQueue },
  { on: `POST ${ADMIN_SALE}/queue/revoke`, needs: [operator], to: admin.revokePlace },
  { on: `POST ${ADMIN_SALE}/queue/randomness`, needs: [operator], to: admin.bringRandomness },
  {
    on: `POST ${ADMIN_SALE}/items/{sku}/restock`,
    needs: [administrator, optionalIdempotencyKey],
    to: admin.restock,
  },
  { on: `GET ${ADMIN_SALE}/summary`, needs: [viewer], to: admin.getSummary },
  { on: `GET ${ADMIN_SALE}/fairness`, needs: [viewer], to: fairness.getAdminFairness },
  { on: `GET ${ADMIN_SALE}/ledger`, needs: [viewer], to: admin.getLedger },
  { on: `GET ${ADMIN_SALE}/events`, needs: [viewer], to: listEvents },
  { on: `GET ${ADMIN}/audit`, needs: [viewer], to: audit.getHistory },
  { on: `GET ${ADMIN}/audit/verify`, needs: [viewer], to: audit.verifyBooks },
  { on: `GET ${ADMIN}/audit/export`, needs: [viewer], to: audit.exportBooks },
  { on: `POST ${ADMIN}/rebuild`, needs: [administrator], to: rebuildStep },
  { on: `GET ${ADMIN}/notifications`, needs: [viewer], to: notifications.listAllNotifications },
  { on: `GET ${ADMIN}/orders`, needs: [viewer], to: admin.listOrders },
  { on: `POST ${ADMIN}/orders/{orderId}/refund`, needs: [operator], to: payments.refundOrder },
  { on: `GET ${ADMIN}/attention`, needs: [viewer], to: attention.listAttention },
  { on: `POST ${ADMIN}/attention/{id}/retry`, needs: [operator], to: attention.retryAttention },
  { on: `POST ${ADMIN}/attention/{id}/resolve`, needs: [operator], to: attention.resolveAttention },
  { on: `POST ${ADMIN}/reconcile`, needs: [operator], to: books.reconcile },
  { on: `GET ${ADMIN}/reconcile`, needs: [viewer], to: books.listReconciliations },
  { on: `GET ${ADMIN}/sandbox/payments`, needs: [viewer], to: payments.listSandboxPayments },

  { on: "GET /health", to: operations.health },
  { on: "GET /ready", to: operations.ready },
];
