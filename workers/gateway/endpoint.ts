import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";
import { createRoute, type z } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { PROBLEMS, type ProblemCode } from "../../domain/problem.ts";
import type { GatewayContext, GatewayHonoEnv } from "./gateway.ts";
import { readJson } from "./json-body.ts";
import { invalid, PROBLEM_MEDIA_TYPE } from "./problems.ts";
import { Problem } from "./schemas/common.ts";

/** The sections of the API document. */
export type Tag = "Identity" | "Catalogue" | "Queue" | "Buying" | "Admin" | "Operations";

/** A parameter that the API document lists; the code that reads it judges it. */
export type ParameterDocument = {
  name: string;
  in: "path" | "header";
  required: boolean;
  description?: string;
  schema: { type: "string"; minLength?: number; maxLength?: number };
};

type Status = 200 | 201 | 202 | 204;

/** Something a request has to bring; checked after the body is read and before it is judged. */
export interface Need {
  check: (c: GatewayContext) => void | Promise<void>;
  /** What it adds to the API document. */
  security?: Record<string, string[]>[];
  parameters?: readonly ParameterDocument[];
  problems: readonly ProblemCode[];
}

/** What the API document says of an endpoint; its schemas are the ones that validate. */
export interface EndpointSpec<
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  tag: Tag;
  summary: string;
  query?: Query;
  body?: Body;
  /** Success statuses: the first unless the handler sets another. */
  statuses: readonly [Status, ...Status[]];
  answer?: Answer;
  parameters?: readonly ParameterDocument[];
  problems?: readonly ProblemCode[];
  /** Public answers that may be cached, for this long. */
  maxAgeSeconds?: number;
}

/** What a handler gets of the request beside its context: validated, unknown fields removed. */
export interface Input<Query extends z.ZodType, Body extends z.ZodType> {
  query: z.output<Query>;
  body: z.output<Body>;
}

/** An endpoint, ready to be mounted; its types are checked where it is made. */
export interface Endpoint {
  spec: EndpointSpec;
  handle: (c: GatewayContext, input: Input<z.ZodType, z.ZodType>) => Promise<unknown>;
}

/** A row of the table of routes. */
export interface Route {
  /** `METHOD /path/{parameter}`. */
  on: `${"GET" | "POST" | "DELETE"} /${string}`;
  needs?: readonly Need[];
  to: Endpoint;
}

/** Makes an endpoint of what is said about it and what it does: the handler returns the body. */
export function endpoint<
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodVoid,
>(
  spec: EndpointSpec<Query, Body, Answer>,
  handle: (c: GatewayContext, input: Input<Query, Body>) => Promise<z.input<Answer>>,
): Endpoint {
  return { spec, handle: handle as Endpoint["handle"] };
}

/** Puts a route into the app and into the API document. */
export function mount(app: OpenAPIHono<GatewayHonoEnv>, route: Route): void {
  const [method = "", path = ""] = route.on.split(" ");
  const needs = route.needs ?? [];
  const { spec, handle } = route.to;
  app.openAPIRegistry.registerPath(documentOf(route, method, path));
  const [status] = spec.statuses;
  const cacheControl =
    spec.maxAgeSeconds === undefined ? null : `public, max-age=${spec.maxAgeSeconds}`;
  app.on(method, path.replaceAll(/\{(\w+)\}/g, ":$1"), async (c) => {
    const json = method === "POST" ? await readJson(c.req.raw) : undefined;
    for (const need of needs) await need.check(c);
    const input = {
      query: spec.query && validate(spec.query, c.req.query()),
      body: spec.body && validate(spec.body, json),
    };
    if (cacheControl !== null) c.header("Cache-Control", cacheControl);
    c.status(status);
    const answer = await handle(c, input);
    return status === 204 ? c.body(null) : c.json(answer);
  });
}

/**
 * Holds a value against a schema.
 *
 * @throws Refused `validation_failed` that names every field that is wrong.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value, { error: missing });
  if (result.success) return result.data;
  throw invalid(
    result.error.issues.map(({ path, message }) => ({ path: path.map(String).join("."), message })),
  );
}

/** Says of a field that is not there what a person would say; the library's words for the rest. */
function missing(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === "invalid_type" && issue.input === undefined ? "is required" : undefined;
}

function documentOf(route: Route, method: string, path: string): RouteConfig {
  const { to, needs = [] } = route;
  const { spec } = to;
  const { tag, summary, query, body, answer, statuses } = spec;
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]): ParameterDocument => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const brought = needs.flatMap((need) => need.parameters ?? []);
  const codes = new Set<ProblemCode>([
    ...(method === "POST" ? (["body_too_large", "unsupported_media_type"] as const) : []),
    ...(query || body ? (["validation_failed"] as const) : []),
    ...needs.flatMap((need) => need.problems),
    ...(spec.problems ?? []),
    "internal_error",
  ]);
  return createRoute({
    method: method.toLowerCase() as "get" | "post" | "delete",
    path,
    tags: [tag],
    summary,
    security: needs.flatMap((need) => need.security ?? []),
    parameters: [...named, ...brought, ...(spec.parameters ?? [])],
    request: {
      ...(query ? { query: query as z.ZodObject } : {}),
      ...(body ? { body: { content: { "application/json": { schema: body } } } } : {}),
    },
    responses: { ...successes(statuses, answer), ...refusals(codes) },
  });
}

function successes(statuses: readonly Status[], answer: z.ZodType | undefined) {
  const content = answer ? { content: { "application/json": { schema: answer } } } : {};
  return Object.fromEntries(
    statuses.map((status) => [status, { description: DESCRIPTIONS[status], ...content }]),
  );
}

const DESCRIPTIONS: Readonly<Record<Status, string>> = {
  200: "Done",
  201: "Created",
  202: "Accepted",
  204: "Done, nothing to say",
};

/** One response a status, which lists the codes it may carry. */
function refusals(codes: ReadonlySet<ProblemCode>) {
  const byStatus = new Map<ContentfulStatusCode, ProblemCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { [PROBLEM_MEDIA_TYPE]: { schema: Problem } };
  return Object.fromEntries(
    [...byStatus].map(([status, listed]) => [status, { description: listed.join(", "), content }]),
  );
}
