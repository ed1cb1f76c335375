import { createHmac } from "node:crypto";

/** Tokens are good for a day. */
const LIFE_SECONDS = 86_400;

/** The headers by which a shopper is known. */
export type Headers = Record<string, string>;

/** Shoppers with tokens, named by the run so that what it kept can be asked for. */
export class Crowd {
  readonly #headersOf: (name: string) => Headers;
  #run = 0;

  constructor(headersOf: (name: string) => Headers) {
    this.#headersOf = headersOf;
  }

  /** What the names of the last run's shoppers begin with. */
  get prefix(): string {
    return `run-${this.#run}-`;
  }

  /** So many new shoppers. */
  next(count: number): Headers[] {
    this.#run += 1;
    return Array.from({ length: count }, (_, index) => this.#headersOf(`${this.prefix}${index}`));
  }
}

/** A name under a MAC: the least that a token can be. */
export function leanToken(key: string, name: string): Headers {
  return { token: `${name}.${macOf(key, name)}` };
}

/** A JSON Web Token (RFC 7519), as frameworks check it. */
export function bearerToken(key: string, name: string): Headers {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = { sub: name, iat: nowSeconds, exp: nowSeconds + LIFE_SECONDS };
  const head = [{ alg: "HS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return { authorization: `Bearer ${head}.${macOf(key, head)}` };
}

function macOf(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}
