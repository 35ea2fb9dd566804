import { createHash, randomBytes } from "node:crypto";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import type { ArtifactShare } from "../../../src/store/types.ts";

const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const bytes = Buffer.from("export default {};\n");
const sha256 = hashOf(bytes);
const manifest = JSON.stringify({ namespace: "ünï ✓", version: "1.0.0+build" });

/** The contract of every share. @param open the same place, each time as another server */
export const shareContract = (name: string, open: () => Promise<() => Promise<ArtifactShare>>): void => {
  describe(`a share of artifacts: ${name}`, () => {
    test("another server reads the bytes that one has put", async () => {
      const server = await open();
      const [one, two] = [await server(), await server()];
      await one.put(sha256, bytes, manifest);
      expect(await two.read(sha256)).toEqual({ bytes, manifest });
      expect(await two.has(sha256)).toBe(true);
    });

    test("an artifact of the largest size passes unchanged", async () => {
      const server = await open();
      const [one, two] = [await server(), await server()];
      const large = randomBytes(MAX_ARTIFACT_FILE_BYTES);
      await one.put(hashOf(large), large, manifest);
      expect((await two.read(hashOf(large)))?.bytes.equals(large)).toBe(true);
    });

    test("a missing artifact is undefined, and can be removed", async () => {
      const share = await (await open())();
      expect(await share.read(sha256)).toBeUndefined();
      expect(await share.has(sha256)).toBe(false);
      await expect(share.remove(sha256)).resolves.toBeUndefined();
    });

    test("an artifact that one server removes is gone for the other", async () => {
      const server = await open();
      const [one, two] = [await server(), await server()];
      await one.put(sha256, bytes, manifest);
      await two.remove(sha256);
      expect(await one.has(sha256)).toBe(false);
      expect(await one.read(sha256)).toBeUndefined();
    });

    test("many servers may put the same artifact at the same time", async () => {
      const server = await open();
      const shares = await Promise.all(Array.from({ length: 10 }, server));
      await Promise.all(shares.map((share) => share.put(sha256, bytes, manifest)));
      expect(await shares[0]?.read(sha256)).toEqual({ bytes, manifest });
    });

    test("a put repairs a damaged artifact", async () => {
      const share = await (await open())();
      await share.put(sha256, bytes.subarray(1), "{");
      await share.put(sha256, bytes, manifest);
      expect(await share.read(sha256)).toEqual({ bytes, manifest });
    });
  });
};
