import { isHitagiError } from "@hitagi/contract";
import { AwsV4Signer } from "aws4fetch";
import type { Dispatcher } from "undici";
import { sha256Of } from "../../disk/sha256.ts";
import { createAgents, type Network } from "../../net/http-agents.ts";
import { networkFault, networkReason } from "../../net/http-faults.ts";
import { isRetried, PassingFault, type RetryPolicy, withRetries } from "../../net/http-retry.ts";
import { unreachable, unusable, withTimeout } from "./errors.ts";

/** A bucket, and who asks. */
export interface S3Target {
  /** What keys are appended to; ends with `/`. */
  base: URL;
  region: string;
  keyId: string;
  secret: string;
  /** Of temporary credentials; empty for none. */
  token: string;
}

type Method = "GET" | "HEAD" | "PUT" | "DELETE";

export interface S3Request {
  method: Method;
  /** Relative to the target's base. */
  key: string;
  body?: Buffer;
  /** How much of the answer is read; the rest is cut off. */
  maxBytes?: number;
}

/** Requests to a bucket, signed. */
export interface S3Client {
  /**
   * @returns the answer's body; undefined where there is no such object
   * @throws HitagiError ARTIFACTS_UNREACHABLE, ARTIFACTS_UNUSABLE
   */
  send(request: S3Request): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

export interface S3Timing {
  /** Milliseconds that a request may take with all its repetitions. */
  timeoutMs: number;
  retry: RetryPolicy;
}

/** What is read of an answer that says what went wrong. */
const MAX_FAULT = 16_384;

/** What S3's codes mean to whoever set the server up (Amazon S3 API Reference, "Error responses"). */
const REASONS: Record<string, string> = {
  NoSuchBucket: "there is no such bucket there",
  InvalidAccessKeyId: "it does not know the key id (HITAGI_S3_KEY_ID)",
  SignatureDoesNotMatch: "the secret does not belong to the key id (HITAGI_S3_SECRET)",
  RequestTimeTooSkewed: "this machine's clock is wrong",
  ExpiredToken: "the credentials have expired; start the server with new ones",
  InvalidToken: "the session token does not belong to the key id (HITAGI_S3_TOKEN)",
  AuthorizationHeaderMalformed: "the bucket is in another region (HITAGI_S3_REGION)",
  PermanentRedirect: "the bucket is in another region, or at another endpoint (HITAGI_S3_ENDPOINT)",
};

const DENIED: Record<Method, string> = {
  GET: "the key may not read objects there, or not list the bucket, without which what is missing looks forbidden",
  HEAD: "the key may not read objects there, or not list the bucket, without which what is missing looks forbidden",
  PUT: "the key may not write objects there",
  DELETE: "the key may not remove objects there",
};

const readAtMost = async (body: Dispatcher.ResponseData["body"], limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit + 1);
};

/** The code in an answer's XML; what is none is not repeated anywhere. */
const codeIn = (body: Buffer): string =>
  /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(body.toString("utf8"))?.[1] ?? "";

/** Undefined where the answer says that there is no such object. @throws PassingFault, HitagiError ARTIFACTS_UNUSABLE */
const refusal = (method: Method, status: number, code: string): undefined => {
  const reason = REASONS[code];
  if (reason) throw unusable(reason);
  if (status === 404) return undefined;
  const said = `it answered ${status}${code === "" ? "" : ` ${code}`}`;
  if (isRetried(status)) throw new PassingFault(unreachable(said));
  if (status === 403) throw unusable(DENIED[method]);
  if (status >= 300 && status < 400) throw unusable(REASONS.PermanentRedirect ?? said);
  throw unusable(said);
};

const sign = async (target: S3Target, { method, key, body }: S3Request) => {
  const { url, headers } = await new AwsV4Signer({
    method,
    url: new URL(key, target.base).href,
    headers: { "x-amz-content-sha256": sha256Of(body ?? Buffer.alloc(0)) },
    accessKeyId: target.keyId,
    secretAccessKey: target.secret,
    ...(target.token && { sessionToken: target.token }),
    service: "s3",
    region: target.region,
  }).sign();
  return { url, headers: Object.fromEntries(headers) };
};

/** Speaks to a bucket over the connections, the proxy and the authorities that registries are reached by. */
export const createS3Client = (
  target: S3Target,
  network: Network,
  { timeoutMs, retry }: S3Timing,
): S3Client => {
  const agents = createAgents(network);

  const attempt = async (asked: S3Request, signal: AbortSignal): Promise<Buffer | undefined> => {
    const { method, body, maxBytes = 0 } = asked;
    const { url, headers } = await sign(target, asked);
    const answer = await agents.named.request({
      origin: url.origin,
      path: url.pathname,
      method,
      headers,
      signal,
      ...(body && { body }),
    });
    const well = answer.statusCode >= 200 && answer.statusCode < 300;
    const read = await readAtMost(answer.body, well ? maxBytes : MAX_FAULT);
    return well ? read : refusal(method, answer.statusCode, codeIn(read));
  };
  const once = async (asked: S3Request, signal: AbortSignal): Promise<Buffer | undefined> => {
    try {
      return await attempt(asked, signal);
    } catch (e) {
      if (e instanceof PassingFault || isHitagiError(e) || signal.aborted) throw e;
      const error = unreachable(networkReason(e), e);
      throw networkFault(e) instanceof PassingFault ? new PassingFault(error) : error;
    }
  };

  return {
    send: (asked) =>
      withTimeout(timeoutMs, (deadline) => withRetries(retry, deadline, () => once(asked, deadline.signal))),
    close: async () => {
      await Promise.all([agents.named.destroy(), agents.elsewhere.destroy()]);
    },
  };
};
