import { createRoute, type OpenAPIHono, type RouteConfig, type z } from "@hono/zod-openapi";
import { PROBLEMS, type ProblemCode } from "../../domain/problem.ts";
import { ALIASES, type Alias } from "./aliases.ts";
import { answer, setHeader } from "./answer.ts";
import {
  bringsBody,
  splitOn,
  type EndpointSpec,
  type ParameterDocument,
  type Route,
  type Status,
} from "./endpoint.ts";
import { BOOKMARK_HEADER, BOOKMARK_PARAMETER } from "./bookmark.ts";
import { CSV_MEDIA_TYPE } from "./csv.ts";
import type { Begun, GatewayHonoEnv } from "./gateway.ts";
import { PROBLEM_MEDIA_TYPE } from "./problems.ts";
import { ROUTES } from "./routes/index.ts";
import { Problem } from "./schemas/common.ts";

/** The version of the contract. */
const CONTRACT_VERSION = "1.0.0";
/** How long a client may keep the document. */
export const DOCUMENT_MAX_AGE_SECONDS = 10;

/** How far the database was read for an answer. */
const BOOKMARK_GIVEN = {
  [BOOKMARK_HEADER]: {
    description:
      "To be brought with later requests, whose answers are then no older than this one.",
    schema: { type: "string" as const },
  },
};

const DESCRIPTIONS: Readonly<Record<Status, string>> = {
  200: "Done",
  201: "Created",
  202: "Accepted",
  204: "Done, nothing to say",
};

/**
 * Serves the OpenAPI 3.1 document of the routes, from the schemas that validate. It is made when it
 * is first asked for, so that no request of a sale waits for it.
 */
export function serveOpenApi(app: OpenAPIHono<GatewayHonoEnv>, begun: Begun): void {
  let document: string | null = null;
  app.get(
    "/openapi.json",
    begun((c) => {
      document ??= makeDocument(app);
      setHeader(c, "Cache-Control", `public, max-age=${DOCUMENT_MAX_AGE_SECONDS}`);
      return answer(c, document, "application/json");
    }),
  );
}

function makeDocument(app: OpenAPIHono<GatewayHonoEnv>): string {
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
  for (const route of ROUTES) registry.registerPath(documentOf(route));
  for (const alias of ALIASES) registry.registerPath(aliasDocumentOf(alias));
  return JSON.stringify(
    app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: {
        title: "Ropeline",
        version: CONTRACT_VERSION,
        description:
          "A fair waiting room and a flash-sale purchase backend. Bodies are JSON in UTF-8; one that brings U+FFFD, which stands for what was not UTF-8 somewhere before, is refused as what is not.",
      },
    }),
  );
}

function documentOf(route: Route): RouteConfig {
  const { on, to, needs = [] } = route;
  const { method, path } = splitOn(on);
  const { spec } = to;
  const { tag, summary, query, body } = spec;
  const brought = needs.flatMap((need) => need.parameters ?? []);
  const isJson = bringsBody(method) && spec.readsBody !== true;
  const codes = new Set<ProblemCode>([
    ...(isJson ? (["body_too_large", "unsupported_media_type"] as const) : []),
    ...(query || body ? (["validation_failed"] as const) : []),
    ...needs.flatMap((need) => need.problems),
    ...(spec.problems ?? []),
    "internal_error",
  ]);
  return createRoute({
    method: method.toLowerCase() as "get" | "post" | "put" | "patch" | "delete",
    path,
    tags: [tag],
    summary,
    security: [...needs.flatMap((need) => need.security ?? []), ...(spec.security ?? [])],
    parameters: [
      ...parametersIn(path),
      ...brought,
      ...(spec.parameters ?? []),
      ...(spec.isBookmarked === true ? [BOOKMARK_PARAMETER] : []),
    ],
    request: {
      ...(query ? { query: query as z.ZodObject } : {}),
      ...(body ? { body: bodyDocument(body) } : {}),
    },
    responses: { ...successes(spec), ...refusals(codes) },
  });
}

/** A body may be left out where an empty one would do. */
function bodyDocument(schema: z.ZodType) {
  const required = !schema.safeParse({}).success;
  return { required, content: { "application/json": { schema } } };
}

function successes(spec: EndpointSpec) {
  const { statuses, answer, alsoCsv, mediaType = "application/json", isBookmarked } = spec;
  const csv = alsoCsv === true ? { [CSV_MEDIA_TYPE]: { schema: { type: "string" as const } } } : {};
  const content = answer ? { content: { [mediaType]: { schema: answer }, ...csv } } : {};
  const headers = isBookmarked === true ? { headers: BOOKMARK_GIVEN } : {};
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: DESCRIPTIONS[status], ...headers, ...content },
    ]),
  );
}

/** One response a status, which lists the codes it may carry. */
function refusals(codes: ReadonlySet<ProblemCode>) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { [PROBLEM_MEDIA_TYPE]: { schema: Problem } };
  return Object.fromEntries(
    [...byStatus].map(([status, listed]) => [status, { description: listed.join(", "), content }]),
  );
}

function parametersIn(path: string): ParameterDocument[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function aliasDocumentOf({ on, standsFor, body }: Alias): RouteConfig {
  const { method, path } = splitOn(on);
  return createRoute({
    method: method.toLowerCase() as "get" | "post" | "put",
    path,
    tags: ["Aliases"],
    summary: `Alias of ${standsFor}`,
    parameters: parametersIn(path),
    request: body ? { body: bodyDocument(body) } : {},
    responses: { default: { description: `As ${standsFor}` } },
  });
}
