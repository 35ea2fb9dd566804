import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

test("a huge head is refused, and no more of it is read than a head may have", async () => {
  const { source, refresh } = await openSigned();
  let sent = 0;
  source.show(publication());
  source.answer("registry.head", (response) => {
    const chunk = Buffer.alloc(64 * 1024, "hitagi-head/v1\n");
    const more = (): void => {
      while (!response.destroyed && sent < 2 ** 30) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
    };
    more();
  });
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_INVALID" });
  expect(sent).toBeLessThan(2 ** 26);
});

test("head, details and index share one total time, however slowly each of them comes", async () => {
  const { source, refresh } = await openSigned({ timeoutMs: 300 });
  source.show(publication());
  source.answer("registry.head", () => {});
  await expect(refresh()).rejects.toMatchObject({ code: "SOURCE_TIMEOUT" });
  source.answer("registry.head", undefined);
  source.answer("registry.json", (response) => void response.write("{"));
  await expect(refresh()).rejects.toMatchObject({ code: "SOURCE_TIMEOUT" });
});
