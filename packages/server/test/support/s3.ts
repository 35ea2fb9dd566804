import type { IncomingMessage, RequestListener } from "node:http";
import aws4 from "aws4";
import S3rver from "s3rver";
import { tempFolder } from "./temp-folder.ts";

/** The only key that the server knows. */
export const S3_KEY = { keyId: "S3RVER", secret: "S3RVER" };
const REGION = "us-east-1";

/**
 * Whether a request is signed by the key, made out by another library than the one that signs: over all the headers that were signed, the
 * hash of the body as it is announced, and the time.
 */
const isSigned = ({ method, url, headers }: IncomingMessage): boolean => {
  const { authorization = "" } = headers;
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? [];
  const signed = aws4.sign(
    {
      service: "s3",
      region: REGION,
      method: method ?? "",
      path: url ?? "",
      headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
    },
    { accessKeyId: S3_KEY.keyId, secretAccessKey: S3_KEY.secret },
  );
  return names.includes("host") && signed.headers?.Authorization === authorization;
};

/**
 * A server of S3's calls that is not ours (s3rver), with an empty bucket, as what an HTTP server listens with. It takes any version 4 signature
 * of a key that it knows; so those are compared here before. Objects are in a folder that ends with the test.
 */
export const s3Listener = async (bucket: string): Promise<RequestListener> => {
  const server = new S3rver({
    directory: await tempFolder(),
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket }],
  });
  await server.configureBuckets();
  const serve = server.callback();
  return (request, response) => {
    const known = request.headers.authorization?.includes(`Credential=${S3_KEY.keyId}/`);
    if (!known || isSigned(request)) return void serve(request, response);
    response.writeHead(403, { "content-type": "application/xml" });
    response.end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
  };
};
