import type { Static, TSchema } from "typebox";
import { readEvents } from "./event-stream.ts";
import { HitagiError, isHitagiError } from "./hitagi-error.ts";
import { type Api, api, type OperationId } from "./routes/index.ts";
import type { Failure, FileMedia, Route } from "./routes/route.ts";

type Of<R, K extends string> = R extends { [P in K]: infer S extends TSchema }
  ? { [P in K]: Static<S> }
  : unknown;
type File<R> = R extends { form: "file" } ? { file: Blob; filename: string } : unknown;

/** The input of a call: `params`, `query` and `body` by its schemas, and `file` for an upload. */
export type Input<O extends OperationId> = Of<Api[O], "params"> &
  Of<Api[O], "query"> &
  Of<Api[O], "body"> &
  File<Api[O]> & { signal?: AbortSignal };

/** The 200 response of a call: for an event stream its messages until the connection ends, for a file its bytes. */
export type Output<O extends OperationId> = Api[O] extends { media: "text/event-stream" }
  ? AsyncIterable<Static<Api[O]["response"]>>
  : Api[O] extends { media: FileMedia }
    ? ReadableStream<Uint8Array>
    : Static<Api[O]["response"]>;

/** The same, with optional parts. */
type Sparse<T> = { [K in keyof T as object extends T[K] ? K : never]?: T[K] } & {
  [K in keyof T as object extends T[K] ? never : K]: T[K];
};

/** One function for each call. It resolves to the 200 response, or rejects with {@link ApiError}. */
export type Client = {
  [O in OperationId]: (input: Sparse<Input<O>>) => Promise<Output<O>>;
};

/** A failure response of the server, with its code and hint if it has them. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly hint: string | undefined;
  readonly failure: Failure;
  constructor(status: number, failure: Failure) {
    const faults = failure.errors?.map((e) => `${e.path}: ${e.message}`).join("; ");
    super(failure.error ?? faults ?? `The server answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.code = failure.code;
    this.hint = failure.hint;
    this.failure = failure;
  }
}

interface AnyInput {
  params?: Record<string, string | number>;
  query?: Record<string, unknown>;
  body?: Record<string, unknown>;
  file?: Blob;
  filename?: string;
  signal?: AbortSignal;
}

const addressOf = (base: string, route: Route, input: AnyInput): URL => {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name])),
  );
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
};

const bodyOf = (
  route: Route,
  input: AnyInput,
): { body?: string | FormData | URLSearchParams; type?: string } => {
  if (!route.body && route.form !== "file") return {};
  const given = Object.entries(input.body ?? {}).filter(([, v]) => v !== undefined);
  if (!route.form) return { body: JSON.stringify(Object.fromEntries(given)), type: "application/json" };
  const form = route.form === "file" ? new FormData() : new URLSearchParams();
  for (const [name, value] of given) form.append(name, String(value));
  if (form instanceof FormData && input.file) form.append("file", input.file, input.filename);
  return { body: form };
};

/** The media types of file responses. */
const files = new Set<Route["media"]>(["application/gzip", "application/octet-stream", "image/jpeg"]);

const base64 = (text: string): string => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));

/**
 * The typed client of a Hitagi server.
 * @param base address of the server, such as `http://127.0.0.1:3000`
 * @param key the API key in plain text; without one only the open calls work
 * @param agent the program's name and version, such as `example/1.2`, for the server's history
 * @param send replaces the platform's fetch; its HitagiErrors reach the caller
 * @throws ApiError for a failure response, HitagiError SERVER_UNREACHABLE for no response
 */
export const createClient = (
  base: string,
  key?: string,
  agent?: string,
  send: typeof fetch = fetch,
): Client => {
  const authorization: Record<string, string> =
    key === undefined ? {} : { authorization: `Bearer ${base64(key)}` };
  const call = async (route: Route, input: AnyInput): Promise<unknown> => {
    const { body, type } = bodyOf(route, input);
    const request: RequestInit = {
      method: route.method,
      headers: {
        ...authorization,
        ...(agent && { "user-agent": agent }),
        ...(type && { "content-type": type }),
      },
      ...(body !== undefined && { body }),
      ...(input.signal && { signal: input.signal }),
    };
    const response = await send(addressOf(base, route, input), request).catch((cause: unknown) => {
      if (input.signal?.aborted || isHitagiError(cause)) throw cause;
      throw new HitagiError("SERVER_UNREACHABLE", { url: base }, { cause });
    });
    if (response.ok && route.media === "text/plain") return response.text();
    if (response.ok && files.has(route.media)) return response.body;
    if (response.ok && route.media && response.body) return readEvents(response.body, base);
    const answer: unknown = await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiError(response.status, answer as Failure);
    return answer;
  };
  return Object.fromEntries(
    Object.entries(api).map(([id, route]) => [id, (input: AnyInput = {}) => call(route, input)]),
  ) as unknown as Client;
};
