import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { port, secret } from "./environment.js";

/** Serves `METHOD /path` by functions of shopper, body and the rest of the path, without a framework. */
export function serve(routes, publicRoutes) {
  createServer((request, response) => {
    const { method, url } = request;
    const [, first, ...rest] = url.split("/");
    const name = `${method} /${first}`;
    const shopper = name in publicRoutes ? "" : shopperOf(request.headers.token ?? "");
    if (shopper === null) {
      tell(response, 401, { code: "unauthorized" });
      return;
    }
    const handle = publicRoutes[name] ?? routes[name];
    if (method === "GET") {
      void answer(response, handle, shopper, rest);
      return;
    }
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (part) => (text += part));
    request.on(
      "end",
      () => void answer(response, handle, shopper, text === "" ? {} : JSON.parse(text)),
    );
  }).listen(port, "127.0.0.1");
}

async function answer(response, handle, shopper, input) {
  try {
    tell(response, ...(await handle(shopper, input)));
  } catch (error) {
    console.error(error);
    tell(response, 500, { code: "failed" });
  }
}

function tell(response, status, body) {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  response.writeHead(status, headers).end(text);
}

/** Whose token this is, `name.mac`; null for a forged one. */
function shopperOf(token) {
  const dot = token.indexOf(".");
  const name = token.slice(0, dot);
  const given = Buffer.from(token.slice(dot + 1), "base64url");
  const mac = createHmac("sha256", secret).update(name).digest();
  return given.length === mac.length && timingSafeEqual(given, mac) ? name : null;
}

/** What `read` brought less than so long ago; read again by who comes later, once. */
export function remembered(read, maxAgeMs) {
  let value;
  let readAtMs = -Infinity;
  return () => {
    const nowMs = performance.now();
    if (nowMs - readAtMs > maxAgeMs) {
      readAtMs = nowMs;
      value = read();
    }
    return value;
  };
}
