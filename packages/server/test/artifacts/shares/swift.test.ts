import { describe, expect, onTestFinished, test } from "vitest";
import { createBucketShare } from "../../../src/artifacts/shares/bucket.ts";
import { createS3Client, type S3Target } from "../../../src/artifacts/shares/s3-client.ts";
import { sharedSwift, withoutSwift } from "../../support/swift.ts";
import { shareContract } from "./share-contract.ts";

const timeouts = { timeoutMs: 150_000, retry: { attempts: 3, baseMs: 100 } };

describe.skipIf(withoutSwift)("on OpenStack Swift", () => {
  const swift = sharedSwift();
  let buckets = 0;

  const target = (below: string, given: Partial<S3Target> = {}): S3Target => ({
    base: new URL(`${swift().address}/${below}`),
    region: "us-east-1",
    token: "",
    ...swift().owner,
    ...given,
  });
  const newBucket = async (): Promise<string> => {
    const bucket = `plugins-${++buckets}`;
    const requests = createS3Client(target(""), {}, timeouts);
    await requests.send({ method: "PUT", key: bucket });
    await requests.close();
    return bucket;
  };
  const shareIn = (bucket: string, given: Partial<S3Target> = {}) => {
    const share = createBucketShare(target(`${bucket}/some/prefix/`, given), {}, timeouts);
    onTestFinished(() => share.close());
    return share;
  };

  shareContract("a bucket", async () => {
    const bucket = await newBucket();
    return async () => shareIn(bucket);
  });

  test("a correct bucket passes its check", async () => {
    await shareIn(await newBucket()).check();
  });

  test.each<[string, (bucket: string) => [string, Partial<S3Target>], string]>([
    ["another key's secret", (bucket) => [bucket, { secret: "wrong" }], "HITAGI_S3_SECRET"],
    ["a key that may not write", (bucket) => [bucket, swift().stranger], "may not write"],
    ["another region", (bucket) => [bucket, { region: "eu-west-1" }], "HITAGI_S3_REGION"],
    ["no bucket", () => ["there-is-none", {}], "no such bucket"],
  ])("%s is reported as such", async (_, of, text) => {
    const [bucket, given] = of(await newBucket());
    await expect(shareIn(bucket, given).check()).rejects.toMatchObject({
      code: "ARTIFACTS_UNUSABLE",
      params: { reason: expect.stringContaining(text) },
    });
  });
});
