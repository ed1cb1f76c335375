import type { z } from "@hono/zod-openapi";
import type { Hono } from "hono";
import type { ProblemCode } from "../../domain/problem.ts";
import { answer, answerJson, setHeader, setStatus } from "./answer.ts";
import { csvResponse, wantsCsv } from "./csv.ts";
import type { Begun, GatewayContext, GatewayHonoEnv, Handle } from "./gateway.ts";
import { readJson } from "./json-body.ts";
import { invalid } from "./problems.ts";

/** The sections of the API document. */
export type Tag =
  | "Identity"
  | "Catalogue"
  | "Queue"
  | "Fairness"
  | "Buying"
  | "Notifications"
  | "Admin"
  | "Operations";

/** A parameter that the API document lists; the code that reads it judges it. */
export type ParameterDocument = {
  name: string;
  in: "path" | "header";
  required: boolean;
  description?: string;
  schema: { type: "string"; minLength?: number; maxLength?: number };
};

/** The media type of lines of JSON (https://github.com/ndjson/ndjson-spec). */
export const LINES_MEDIA_TYPE = "application/x-ndjson";

/** How a success may be told. */
export type Status = 200 | 201 | 202 | 204;

/** Something a request has to bring; checked after the body is read and before it is judged. */
export interface Need {
  check: (c: GatewayContext) => void;
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
  /** The handler reads the body itself, as it came: nothing of it is judged here. */
  readsBody?: boolean;
  /** Success statuses: the first unless the handler sets another. */
  statuses: readonly [Status, ...Status[]];
  answer?: Answer;
  parameters?: readonly ParameterDocument[];
  /** Beside what its needs ask for. */
  security?: readonly Record<string, string[]>[];
  problems?: readonly ProblemCode[];
  /** The answer may be asked for as CSV too, by `format=csv` or the header `Accept`. */
  alsoCsv?: boolean;
  /** The answer is no JSON: a text or bytes of this media type. */
  mediaType?: string;
  /** The answer may come from a replica of the database: it takes a bookmark, and gives one. */
  isBookmarked?: boolean;
  /** Public answers that may be cached, for this long; `isImmutable`: they are the same for ever. */
  maxAgeSeconds?: number;
  isImmutable?: boolean;
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
  /** `METHOD /path/{parameter}`; `{+parameter}` at the end takes slashes, too. */
  on: `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;
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

/** Serves a route, and returns what handles it. Its checks are made in the contract's order. */
export function mount(app: Hono<GatewayHonoEnv>, route: Route, begun: Begun): Handle {
  const { method, pattern } = splitOn(route.on);
  const needs = route.needs ?? [];
  const { spec, handle } = route.to;
  const [status] = spec.statuses;
  const cacheControl = cachingOf(spec);
  const isRead = bringsBody(method) && spec.readsBody !== true;
  const handleRoute: Handle = async (c) => {
    const json = isRead ? await readJson(c.req.raw) : undefined;
    for (const need of needs) need.check(c);
    const input = {
      query: spec.query && validate(spec.query, c.req.query()),
      body: spec.body && validate(spec.body, json),
    };
    if (cacheControl !== null) setHeader(c, "Cache-Control", cacheControl);
    setStatus(c, status);
    const value = await handle(c, input);
    if (status === 204) return answer(c, null, null);
    if (spec.mediaType !== undefined)
      return answer(c, value as string | Uint8Array<ArrayBuffer>, spec.mediaType);
    return spec.alsoCsv === true && wantsCsv(c) ? csvResponse(c, value) : answerJson(c, value);
  };
  const handleBegun = begun(handleRoute);
  app.on(method, pattern, handleBegun);
  return handleBegun;
}

/** What a success says of who may keep it; `null` where nobody may. */
export function cachingOf({ maxAgeSeconds, isImmutable }: EndpointSpec): string | null {
  if (maxAgeSeconds === undefined) return null;
  return `public, max-age=${maxAgeSeconds}${isImmutable === true ? ", immutable" : ""}`;
}

/** Whether requests of this method bring a body. */
export function bringsBody(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}

/** Takes `METHOD /path/{parameter}` apart; `pattern` is the path as the router writes it. */
export function splitOn(on: string): { method: string; path: string; pattern: string } {
  const [method = "", path = ""] = on.split(" ");
  const pattern = path.replace(/\{\+(\w+)\}$/, ":$1{.+}").replaceAll(/\{(\w+)\}/g, ":$1");
  return { method, path: path.replace("{+", "{"), pattern };
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
