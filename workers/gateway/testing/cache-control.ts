import { cachingOf, splitOn } from "../endpoint.ts";
import { DOCUMENT_MAX_AGE_SECONDS } from "../openapi.ts";
import { ROUTES } from "../routes/index.ts";

/** What the answer to a request has to say of who may keep it: nobody, but where its route says so. */
export function cacheControlOf(method: string, path: string, status: number): string {
  return (status < 400 ? saidOf(method, path) : null) ?? "no-store";
}

function saidOf(method: string, path: string): string | null {
  const { pathname } = new URL(path, "https://shop.example");
  // Not in the table: it is made from it.
  if (pathname === "/openapi.json") return `public, max-age=${DOCUMENT_MAX_AGE_SECONDS}`;
  const route = ROUTES.find(({ on }) => {
    const asked = splitOn(on);
    const pattern = asked.pattern.replace(/:\w+\{(.+)\}$/, "$1").replaceAll(/:\w+/g, "[^/]+");
    return asked.method === method && new RegExp(`^${pattern}$`).test(pathname);
  });
  return route ? cachingOf(route.to.spec) : null;
}

/**
 * Holds an answer against `cacheControlOf`. The test clients do it with every answer that they get.
 *
 * @throws Error that names the request.
 */
export function checkCacheControl(
  method: string,
  path: string,
  { status, headers }: Pick<Response, "status" | "headers">,
): void {
  const said = headers.get("Cache-Control");
  const expected = cacheControlOf(method, path, status);
  if (said !== expected)
    throw new Error(`${method} ${path} (${status}) says "${said}" of caching, not "${expected}".`);
}
