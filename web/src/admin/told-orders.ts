/** What the shop has answered to commands; its lists come from the database, and a moment later. */
import type { AdminOrder } from "../contract.ts";

/** Answers that are remembered; a list has caught up long before so many more were given. */
const TOLD_MAX = 100;

/** Orders as commands left them. */
export class ToldOrders {
  readonly #told = new Map<string, AdminOrder>();

  /** Takes in the answer to a command. */
  tell(order: AdminOrder): void {
    this.#told.delete(order.orderId);
    this.#told.set(order.orderId, order);
    const [oldest] = this.#told.keys();
    if (this.#told.size > TOLD_MAX && oldest !== undefined) {
      this.#told.delete(oldest);
    }
  }

  /** A list's orders, each as it is known best: by its version. */
  freshen(listed: readonly AdminOrder[]): AdminOrder[] {
    return listed.map((order) => {
      const told = this.#told.get(order.orderId);
      return told !== undefined && told.version > order.version ? told : order;
    });
  }
}
