import type { OpenAPIHono } from "@hono/zod-openapi";
import type { GatewayHonoEnv } from "./gateway.ts";

/** The version of the contract. */
const CONTRACT_VERSION = "1.0.0";
/** How long a client may keep the document. */
const DOCUMENT_MAX_AGE_SECONDS = 10;

/** Serves the OpenAPI 3.1 document of everything that is mounted; it is made when first asked for. */
export function serveOpenApi(app: OpenAPIHono<GatewayHonoEnv>): void {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent("securitySchemes", "accessToken", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The shopper's access token.",
  });
  registry.registerComponent("securitySchemes", "adminToken", {
    type: "http",
    scheme: "bearer",
    description: "An access token with the role asked for; locally also the admin token.",
  });
  let document: string | null = null;
  app.get("/openapi.json", (c) => {
    document ??= JSON.stringify(
      app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Ropeline",
          version: CONTRACT_VERSION,
          description: "A fair waiting room and a flash-sale purchase backend.",
        },
      }),
    );
    c.header("Cache-Control", `public, max-age=${DOCUMENT_MAX_AGE_SECONDS}`);
    c.header("Content-Type", "application/json");
    return c.body(document);
  });
}
