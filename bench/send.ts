import type { Dispatcher } from "undici";
import type { Call } from "./calls.ts";

/** What came back, as far as drivers look at it. */
export interface Sent {
  status: number;
  text: string;
  /** What the `Retry-After` header asks for; 0 when there is none. */
  retryAfterSeconds: number;
}

/**
 * Makes one request. `Dispatcher.request` would make a stream for the body and an async resource, a fifth of what an
 * answer costs this process; whatever went wrong is thrown as it would be.
 */
export function send(dispatcher: Dispatcher, origin: string, call: Call): Promise<Sent> {
  const { body = null, headers, method, path } = call;
  return new Promise((resolve, reject) => {
    dispatcher.dispatch({ origin, method, path, headers, body }, new Receiver(resolve, reject));
  });
}

class Receiver implements Dispatcher.DispatchHandler {
  readonly #resolve: (sent: Sent) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #retryAfterSeconds = 0;

  constructor(resolve: (sent: Sent) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#retryAfterSeconds = Number(headers["retry-after"] ?? 0) || 0;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#resolve({
      status: this.#status,
      text: whole.toString(),
      retryAfterSeconds: this.#retryAfterSeconds,
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}
