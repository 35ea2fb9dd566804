import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RegistryFields } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import type { Source } from "../../src/sources/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A driver, with the fields by which it reaches the files of a real folder. */
export interface Reached {
  source: Source;
  fields: RegistryFields;
}

const limits = { maxBytes: 1000, timeoutMs: 150_000 };

const put = async (folder: string, file: string, content: string) => {
  const target = path.join(folder, file);
  await mkdir(path.dirname(target), { recursive: true });
  // Published as a careful keeper does: whole, by a rename.
  await writeFile(`${target}.new`, content);
  await rename(`${target}.new`, target);
};

/** What every source must do. */
export const sourceContract = (name: string, reach: (folder: string) => Promise<Reached>): void => {
  const open = async () => {
    const folder = await tempFolder();
    return { folder, ...(await reach(folder)) };
  };

  describe(`the source ${name}`, () => {
    test("accepts the fields that it is reached by", async () => {
      const { source, fields } = await open();
      expect(source.provider).toBe(fields.provider);
      for (const field of source.fields) expect(fields[field]).toBeTypeOf("string");
      expect(source.check(fields)).toBeUndefined();
    });

    test("reads a file byte for byte", async () => {
      const { folder, source, fields } = await open();
      await put(folder, "registry.json", '{"日本": "\u0000é"}');
      const got = await source.fetch(fields, "registry.json", limits);
      expect(got.changed && got.bytes.toString()).toBe('{"日本": "\u0000é"}');
    });

    test("reads an empty file", async () => {
      const { folder, source, fields } = await open();
      await put(folder, "empty", "");
      const got = await source.fetch(fields, "empty", limits);
      expect(got.changed && got.bytes.length).toBe(0);
    });

    test.each(["a/b/c.ts", "with space/ü+1.0.0+b.ts", "100%/x#y?z.ts", "1.0.0+a/semi;colon.ts", "..a/b..ts"])(
      "reads the file %s",
      async (file) => {
        const { folder, source, fields } = await open();
        await put(folder, file, file);
        const got = await source.fetch(fields, file, limits);
        expect(got.changed && got.bytes.toString()).toBe(file);
      },
    );

    test("answers that nothing changed until something does", async () => {
      const { folder, source, fields } = await open();
      await put(folder, "registry.json", "one");
      const first = await source.fetch(fields, "registry.json", limits);
      if (!first.changed) throw new Error("the first fetch compares with nothing");
      const { validators } = first;
      expect(await source.fetch(fields, "registry.json", { ...limits, validators })).toEqual({
        changed: false,
      });
      await put(folder, "registry.json", "two");
      const second = await source.fetch(fields, "registry.json", { ...limits, validators });
      expect(second.changed && second.bytes.toString()).toBe("two");
      if (second.changed) expect(second.validators).not.toEqual(validators);
    });

    test("says which file is missing", async () => {
      const { source, fields } = await open();
      await expect(source.fetch(fields, "no/such.ts", limits)).rejects.toMatchObject({
        code: "SOURCE_FILE_MISSING",
        params: { path: "no/such.ts" },
      });
    });

    test("takes a file of exactly the limit, and not one byte more", async () => {
      const { folder, source, fields } = await open();
      await put(folder, "full", "x".repeat(1000));
      await put(folder, "over", "x".repeat(1001));
      const got = await source.fetch(fields, "full", limits);
      expect(got.changed && got.bytes.length).toBe(1000);
      await expect(source.fetch(fields, "over", limits)).rejects.toMatchObject({
        code: "SOURCE_TOO_LARGE",
        params: { path: "over", limit: 1000 },
      });
    });

    test.each([
      "../out.ts",
      "a/../../out.ts",
      "./a",
      "a//b",
      "/etc/hostname",
      "a\\..\\b",
      "%2e%2e/out.ts",
      "a\0b",
      "",
    ])("does not leave the folder by %j", async (file) => {
      const { source, fields } = await open();
      await expect(source.fetch(fields, file, limits)).rejects.toMatchObject({ code: "SOURCE_PATH_ESCAPES" });
    });

    test("does not begin when the caller has given up", async () => {
      const { folder, source, fields } = await open();
      await put(folder, "registry.json", "one");
      const signal = AbortSignal.abort(new Error("given up"));
      await expect(source.fetch(fields, "registry.json", { ...limits, signal })).rejects.toThrow("given up");
    });
  });
};
