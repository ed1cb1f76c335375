import { encodeBase64url } from "../../domain/base64url.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";

/** 16 characters without a bit to spare, enough to find one request in a day's log. */
const ID_BYTES = 12;
const ID_CHARACTERS = 16;
/** Drawn and encoded at once: each for itself costs as much as a MAC. */
const IDS_AT_ONCE = 256;

/** Ids of requests, by random bytes. */
export class RequestIds {
  readonly #runtime: Pick<Runtime, "randomBytes">;
  #drawn = "";
  #at = 0;

  constructor(runtime: Pick<Runtime, "randomBytes">) {
    this.#runtime = runtime;
  }

  next(): string {
    if (this.#at >= this.#drawn.length) {
      this.#drawn = encodeBase64url(this.#runtime.randomBytes(IDS_AT_ONCE * ID_BYTES));
      this.#at = 0;
    }
    this.#at += ID_CHARACTERS;
    return this.#drawn.slice(this.#at - ID_CHARACTERS, this.#at);
  }
}
