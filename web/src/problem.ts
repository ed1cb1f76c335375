/** The two ways a call can fail: the server said no, or no verdict came back. */
import type { ProblemBody } from "./contract.ts";

/** The code of a checkout that came while the provider of payments is known to be down. */
export const PAYMENT_UNAVAILABLE = "payment_unavailable";

/** The server's refusal, from `application/problem+json`. */
export class ApiProblem extends Error {
  readonly status: number;
  /** The stable code of the contract, such as `sold_out` or `busy`. */
  readonly code: string;
  readonly detail: string;
  /** How long the server asks to wait before trying again; null when it does not say. */
  readonly retryAfterSeconds: number | null;
  readonly body: ProblemBody;

  constructor(body: ProblemBody, retryAfterSeconds: number | null) {
    super(body.detail ?? body.title ?? body.code);
    this.name = "ApiProblem";
    this.status = body.status;
    this.code = body.code;
    this.detail = this.message;
    this.retryAfterSeconds = retryAfterSeconds;
    this.body = body;
  }

  /**
   * Whether the same request may be answered differently soon: overload, or too many calls. A provider
   * of payments that is down is not tried again unasked: there are other ways to pay.
   */
  get passesSoon(): boolean {
    return this.status === 429 || (this.status >= 500 && this.code !== PAYMENT_UNAVAILABLE);
  }
}

/** No verdict: the network is gone, the call took too long, or something in between answered. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super("No answer from the shop. Check the connection; the page keeps trying.", { cause });
    this.name = "NoAnswer";
  }
}

/** A sentence a shopper can read for any error a call may throw. */
export function readableProblem(error: unknown): string {
  if (error instanceof ApiProblem) {
    const fields = error.body.errors?.map(({ path, message }) =>
      [path, message].filter(Boolean).join(": "),
    );
    return fields === undefined || fields.length === 0
      ? error.detail
      : `${error.detail} ${fields.join("; ")}`;
  }
  return error instanceof Error ? error.message : "Something went wrong. Try again.";
}
