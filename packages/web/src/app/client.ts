import {
  ApiError,
  type Client,
  CSRF_HEADER,
  createClient,
  isHitagiError,
  type OperationId,
} from "@hitagi/contract";

let csrf: string | null = null;

/** Keeps the session's token, which each call that may change something sends. It is nowhere but in this page's memory. */
export const keepCsrf = (token: string | null): void => {
  csrf = token;
};

/** The headers of a request that may change something and is not made by {@link client}. */
export const csrfHeaders = (): Record<string, string> => (csrf === null ? {} : { [CSRF_HEADER]: csrf });

const send: typeof fetch = (address, init) => {
  const headers = new Headers(init?.headers);
  if (csrf !== null && init?.method !== "GET") headers.set(CSRF_HEADER, csrf);
  return fetch(address, { ...init, headers, credentials: "same-origin" });
};

/** Every call of the server, with the session of this browser. */
export const client: Client = createClient(location.origin, undefined, undefined, send);

/** Every call with an API key, to sign in. */
export const clientWithKey = (key: string): Client => createClient(location.origin, key, undefined, send);

/** The input of a call without its signal. */
export type CallInput<O extends OperationId> = Parameters<Client[O]>[0];
export type CallOutput<O extends OperationId> = Awaited<ReturnType<Client[O]>>;

/** Whether an error says that the server does not answer. The page goes on when it does again. */
export const isUnreachable = (error: unknown): boolean => isHitagiError(error, "SERVER_UNREACHABLE");

/** The code of a failure; undefined if it has none. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof ApiError || isHitagiError(error) ? error.code : undefined;
