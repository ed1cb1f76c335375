/** Renders the gateway's OpenAPI document with Swagger UI, which its own script puts on `window`. */

interface SwaggerOptions {
  readonly url: string;
  readonly dom_id: string;
  readonly deepLinking: boolean;
  readonly validatorUrl: null;
}

type Viewer = (options: SwaggerOptions) => unknown;

const viewer: unknown = Reflect.get(window, "SwaggerUIBundle");
if (typeof viewer === "function") {
  // No validator: it would send the document's address to an outside service.
  (viewer as Viewer)({
    url: "/openapi.json",
    dom_id: "#api",
    deepLinking: true,
    validatorUrl: null,
  });
} else {
  document.querySelector("#api")?.append("The viewer did not load. The document: /openapi.json");
}
