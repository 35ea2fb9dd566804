import { isHitagiError } from "@hitagi/contract";
import { AwsV4Signer } from "aws4fetch";
import type { Dispatcher } from "undici";
import { sha256Of } from "../../disk/sha256.ts";
import { createAgents, type Network } from "../../net/http-agents.ts";
import { networkFault, networkReason } from "../../net/http-faults.ts";
import { isRetried, PassingFault, type RetryPolicy, withRetries } from "../../net/http-retry.ts";
import { unreachable, unusable, withTimeout } from "./errors.ts";

/** A bucket, and the credentials for it. */
export interface S3Target {
  /** The base URL of the objects; ends with `/`. */
  base: URL;
  region: string;
  keyId: string;
  secret: string;
  /** The session token of temporary credentials; empty for none. */
  token: string;
}

type Method = "GET" | "HEAD" | "PUT" | "DELETE";

interface S3Request {
  method: Method;
  /** Relative to the target's base. */
  key: string;
  body?: Buffer;
  /** The media type of the body, which the bucket answers with. */
  contentType?: string;
  /** The response is truncated after this; 0 by default. */
  maxBytes?: number;
}

export interface S3Timing {
  /** Milliseconds for a request with its retries. */
  timeoutMs: number;
  retry: RetryPolicy;
}

/** Bytes that are read of an error response. */
const MAX_ERROR_BODY = 16_384;

/** S3's error codes, explained to the owner (Amazon S3 API Reference, "Error responses"). */
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

/** The code in an error response's XML; empty where it is none. */
const codeIn = (body: Buffer): string =>
  /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(body.toString("utf8"))?.[1] ?? "";

/** Maps an error response: undefined for a missing object. @throws PassingFault, HitagiError ARTIFACTS_UNUSABLE */
const refusal = (method: Method, status: number, code: string): undefined => {
  const reason = REASONS[code];
  if (reason) throw unusable(reason);
  if (status === 404) return undefined;
  const answer = `it answered ${status}${code === "" ? "" : ` ${code}`}`;
  if (isRetried(status)) throw new PassingFault(unreachable(answer));
  if (status === 403) throw unusable(DENIED[method]);
  if (status >= 300 && status < 400) throw unusable(REASONS.PermanentRedirect ?? answer);
  throw unusable(answer);
};

const sign = async (target: S3Target, { method, key, body, contentType }: S3Request) => {
  const { url, headers } = await new AwsV4Signer({
    method,
    url: new URL(key, target.base).href,
    headers: {
      "x-amz-content-sha256": sha256Of(body ?? Buffer.alloc(0)),
      ...(contentType !== undefined && { "content-type": contentType }),
    },
    accessKeyId: target.keyId,
    secretAccessKey: target.secret,
    ...(target.token && { sessionToken: target.token }),
    service: "s3",
    region: target.region,
  }).sign();
  return { url, headers: Object.fromEntries(headers) };
};

/** Sends signed requests to a bucket, through the same proxy and certificate authorities as requests to registries. */
export const createS3Client = (target: S3Target, network: Network, { timeoutMs, retry }: S3Timing) => {
  const agents = createAgents(network);

  const attempt = async (request: S3Request, signal: AbortSignal): Promise<Buffer | undefined> => {
    const { method, body, maxBytes = 0 } = request;
    const { url, headers } = await sign(target, request);
    const response = await (await agents.named()).request({
      origin: url.origin,
      path: url.pathname,
      method,
      headers,
      signal,
      ...(body && { body }),
    });
    const isOk = response.statusCode >= 200 && response.statusCode < 300;
    const read = await readAtMost(response.body, isOk ? maxBytes : MAX_ERROR_BODY);
    return isOk ? read : refusal(method, response.statusCode, codeIn(read));
  };
  const attemptOrFault = async (request: S3Request, signal: AbortSignal): Promise<Buffer | undefined> => {
    try {
      return await attempt(request, signal);
    } catch (e) {
      if (e instanceof PassingFault || isHitagiError(e) || signal.aborted) throw e;
      const error = unreachable(networkReason(e), e);
      throw networkFault(e) instanceof PassingFault ? new PassingFault(error) : error;
    }
  };

  return {
    /**
     * @returns the body of the response; undefined where there is no such object
     * @throws HitagiError ARTIFACTS_UNREACHABLE, ARTIFACTS_UNUSABLE
     */
    send: (request: S3Request): Promise<Buffer | undefined> =>
      withTimeout(timeoutMs, (deadline) =>
        withRetries(retry, deadline, () => attemptOrFault(request, deadline.signal)),
      ),
    close: agents.close,
  };
};
