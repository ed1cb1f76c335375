import { afterEach, expect, test, vi } from "vitest";
import { getQueueView, getSaleStatus, leaveQueue, purchase } from "./api.ts";
import { serverNowMs } from "./clock.ts";
import { ApiProblem, NoAnswer, readableProblem } from "./problem.ts";

/** Answers every call alike and notes what was asked. */
function answerWith(response: () => Response | Promise<never>): Request[] {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push(new Request(`http://shop.test${path}`, init));
    return response();
  });
  return asked;
}

function problem(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ status, ...body }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  );
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a waiting poll sends the ticket and nothing else that tells who asks", async () => {
  const [request] = await poll({ ticket: "t1" });
  expect(request?.headers.get("Queue-Ticket")).toBe("t1");
  expect(request?.headers.has("Authorization")).toBe(false);
  expect(request?.headers.has("Queue-Pass")).toBe(false);
});

async function poll(credentials: Parameters<typeof getQueueView>[1]): Promise<Request[]> {
  const asked = answerWith(() => Response.json({}));
  await getQueueView("a sale", credentials);
  expect(asked[0]?.url).toBe("http://shop.test/api/v1/sales/a%20sale/queue");
  return asked;
}

test("a purchase sends bearer, pass and key", async () => {
  const asked = answerWith(() => Response.json({ orderId: "o1" }, { status: 202 }));
  const credentials = { bearer: "b", pass: "p", idempotencyKey: "k" };
  await purchase("s1", { sku: "phone", quantity: 1 }, credentials);
  const [request] = asked;
  expect(request?.method).toBe("POST");
  expect(request?.headers.get("Authorization")).toBe("Bearer b");
  expect(request?.headers.get("Queue-Pass")).toBe("p");
  expect(request?.headers.get("Idempotency-Key")).toBe("k");
  expect(await request?.json()).toEqual({ sku: "phone", quantity: 1 });
});

test("204 is an answer without a body", async () => {
  answerWith(() => new Response(null, { status: 204 }));
  expect(await leaveQueue("s1", "t1")).toBeUndefined();
});

test("a refusal has its code, its detail and how long to wait", async () => {
  answerWith(() => problem(503, { code: "busy", detail: "Try again." }, { "Retry-After": "3" }));
  const error = await failure(getQueueView("s1", {}));
  expect(error).toBeInstanceOf(ApiProblem);
  expect(error).toMatchObject({ code: "busy", detail: "Try again.", retryAfterSeconds: 3 });
  expect(error).toHaveProperty("passesSoon", true);
});

test("a checkout is not repeated unasked while payments are down", async () => {
  answerWith(() => problem(503, { code: "payment_unavailable", retryAfterSeconds: 30 }));
  const error = await failure(getQueueView("s1", {}));
  expect(error).toMatchObject({ retryAfterSeconds: 30, passesSoon: false });
});

test("wrong fields are named", async () => {
  const errors = [{ path: "body.name", message: "too long" }];
  answerWith(() => problem(400, { code: "validation_failed", title: "Not valid", errors }));
  const error = await failure(getQueueView("s1", {}));
  expect(error).toMatchObject({ retryAfterSeconds: null, passesSoon: false });
  expect(readableProblem(error)).toBe("Not valid body.name: too long");
});

test("what is no verdict of the shop counts as no answer", async () => {
  const cases = [
    () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
    () => new Response("{cut", { status: 200 }),
    () =>
      new Response("{cut", {
        status: 503,
        headers: { "Content-Type": "application/problem+json" },
      }),
    () => Promise.reject(new TypeError("network")),
  ];
  for (const answer of cases) {
    answerWith(answer);
    expect(await failure(getQueueView("s1", {}))).toBeInstanceOf(NoAnswer);
  }
});

test("a status sets the page's clock by the shop's", async () => {
  const serverMs = Date.now() + 3_600_000;
  answerWith(() => Response.json({ serverTime: new Date(serverMs).toISOString() }));
  await getSaleStatus("s1");
  expect(Math.abs(serverNowMs() - serverMs)).toBeLessThan(1_000);
});
