/** A call of a method of an item's object, or something that is known to have been done to it from elsewhere. */
export interface Call {
  method: string;
  args: readonly unknown[];
  /** Its place, and that of its answer, in the order of the kernel. */
  invoked: number;
  invokedMs: number;
  /** `Infinity` while it is not answered. A call that failed is never answered: it may have taken effect or not. */
  returned: number;
  returnedMs: number;
  answer: unknown;
}

type Method = (...args: unknown[]) => PromiseLike<unknown>;

/** Every call of every item, by its SKU, as those who called know of it. It draws nothing and delays nothing. */
export class CallHistory {
  readonly #nowMs: () => number;
  readonly #calls = new Map<string, Call[]>();
  #places = 0;

  /** @param nowMs the time of the kernel, not that of any node. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Calls of one item, by when they were made. */
  of(sku: string): readonly Call[] {
    return this.#calls.get(sku) ?? [];
  }

  /** Something is done to an item that no call of it tells: `what` stands for the method. */
  note(sku: string, what: string, ...args: unknown[]): void {
    this.#begin(sku, what, args);
  }

  /** A namespace whose calls are noted; `skuOf` says which item's they are by the name of the object. */
  recording<Namespace extends { getByName(name: string): object }>(
    of: Namespace,
    skuOf = (name: string): string => name,
  ): Namespace {
    const getByName = (name: string): object =>
      new Proxy(of.getByName(name), {
        get: (stub, method) => {
          const target = Reflect.get(stub, method) as Method | undefined;
          if (target === undefined || typeof method === "symbol") return target;
          return (...args: unknown[]) => {
            const call = this.#begin(skuOf(name), method, args);
            const answer = target(...args);
            answer.then(
              (value) => this.#end(call, value),
              () => {},
            );
            return answer;
          };
        },
      });
    return { getByName } as unknown as Namespace;
  }

  #begin(sku: string, method: string, args: readonly unknown[]): Call {
    const call: Call = {
      method,
      args,
      invoked: ++this.#places,
      invokedMs: this.#nowMs(),
      returned: Infinity,
      returnedMs: Infinity,
      answer: undefined,
    };
    const calls = this.#calls.get(sku) ?? [];
    this.#calls.set(sku, calls);
    calls.push(call);
    return call;
  }

  #end(call: Call, answer: unknown): void {
    call.returned = ++this.#places;
    call.returnedMs = this.#nowMs();
    call.answer = answer;
  }
}
