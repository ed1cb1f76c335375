import type { Keyring } from "../../domain/token.ts";
import type { Violate } from "./item.ts";

/** What was sealed under a key is good while that is listed, and no longer; a shopper's binding is for ever. */
export class KeyWitness {
  readonly #violate: Violate;
  readonly #cover: (name: string) => void;
  /** The key of everything that was sealed: an order's id does not say it. */
  readonly #kids = new Map<string, string>();
  readonly #bindings = new Map<string, string>();

  constructor(violate: Violate, cover: (name: string) => void) {
    this.#violate = violate;
    this.#cover = cover;
  }

  kidOfOrder(orderId: string): string | undefined {
    return this.#kids.get(orderId);
  }

  sealed(token: string, kid = token.split(".")[1] ?? ""): void {
    this.#kids.set(token, kid);
  }

  /** An isolate with these keys has looked at something. */
  opened({ masters, signingKid }: Keyring, token: string, isOpen: boolean): void {
    const kid = this.#kids.get(token);
    // Forged, or changed: judged by `token.genuine`.
    if (kid === undefined) return;
    const isListed = masters.has(kid);
    if (isListed && !isOpen)
      this.#violate("keys.listed", `${token} of ${kid} is refused, and ${kid} is listed`);
    if (!isListed && isOpen)
      this.#violate("keys.withdrawn", `${token} of ${kid} is accepted, and ${kid} is not listed`);
    if (isListed && kid !== signingKid) this.#cover("keys.old");
    if (!isListed) this.#cover("keys.unlisted");
  }

  /** What stands for a shopper, by any isolate. */
  bound(subject: string, binding: string): void {
    const first = this.#bindings.get(subject) ?? binding;
    this.#bindings.set(subject, first);
    if (first !== binding)
      this.#violate("keys.binding", `${subject} was ${first} and is ${binding}: a second number`);
  }
}
