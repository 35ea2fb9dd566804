import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { TreeOptions } from "../../src/sources/types.ts";
import { tempFolder } from "../support/temp-folder.ts";
import type { Reached } from "./source-contract.ts";

const options: TreeOptions = {
  accepts: (file) => file.endsWith(".pm") && !file.startsWith("tests/"),
  enters: (folder) => folder !== "tests",
  maxFiles: 5,
  maxFileBytes: 100,
  maxBytes: 250,
  timeoutMs: 150_000,
};

const put = async (folder: string, file: string, text: string) => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
};

/** What every source must do that can list its files. @param reach publishes a folder and answers how it is reached */
export const treeContract = (name: string, reach: (folder: string) => Promise<Reached>): void => {
  const open = async () => {
    const folder = await tempFolder();
    const { source, fields } = await reach(folder);
    const read = async (change: Partial<TreeOptions> = {}) => {
      if (!source.readTree) throw new Error("it cannot list its files");
      return source.readTree(fields, { ...options, ...change });
    };
    const files = async (change: Partial<TreeOptions> = {}) => {
      const tree = await read(change);
      if (!tree.changed) throw new Error("nothing was compared");
      return Object.fromEntries(
        tree.files.map((file) => [file.path, "bytes" in file ? file.bytes.toString() : file]),
      );
    };
    return { folder, read, files };
  };

  describe(`the tree of ${name}`, () => {
    test("has the accepted files byte for byte, and no other", async () => {
      const { folder, files } = await open();
      await put(folder, "a.pm", "日本\u0000");
      await put(folder, "deep/er/ü b.pm", "");
      await put(folder, "note.txt", "x");
      await put(folder, "tests/t.pm", "x");
      expect(await files()).toEqual({ "a.pm": "日本\u0000", "deep/er/ü b.pm": "" });
    });

    test("is unchanged until a file changes", async () => {
      const { folder, read } = await open();
      await put(folder, "a.pm", "one");
      const first = await read();
      if (!first.changed) throw new Error("the first reading compares with nothing");
      const { validators } = first;
      expect(Math.abs(first.time - Date.now() / 1000)).toBeLessThan(600);
      expect(await read({ validators })).toEqual({ changed: false });
      await put(folder, "a.pm", "two, and longer");
      const second = await read({ validators });
      expect(second).toMatchObject({ changed: true, files: [{ bytes: Buffer.from("two, and longer") }] });
      if (second.changed) expect(second.validators).not.toEqual(validators);
    });

    test("does not follow a link to a file or a folder", async () => {
      const { folder, files } = await open();
      const outside = await tempFolder();
      await put(outside, "secret.pm", "secret");
      await put(folder, "real/a.pm", "inside");
      await symlink(path.join(outside, "secret.pm"), path.join(folder, "linked.pm"));
      await symlink(outside, path.join(folder, "linked"));
      await symlink("real", path.join(folder, "inner"));
      expect(await files()).toEqual({ "real/a.pm": "inside" });
    });

    test("leaves out a file that is too large, and says so", async () => {
      const { folder, files } = await open();
      await put(folder, "full.pm", "x".repeat(100));
      await put(folder, "over.pm", "x".repeat(101));
      expect(await files()).toEqual({
        "full.pm": "x".repeat(100),
        "over.pm": { path: "over.pm", problem: expect.stringContaining("larger than") },
      });
    });

    test("is refused where it has too many files, or too many bytes", async () => {
      const { folder, files } = await open();
      for (const n of [1, 2, 3]) await put(folder, `${n}.pm`, "x".repeat(90));
      await expect(files()).rejects.toMatchObject({ code: "SOURCE_TOO_LARGE", params: { limit: 250 } });
      for (const n of [1, 2, 3, 4, 5, 6]) await put(folder, `${n}.pm`, "x");
      await expect(files()).rejects.toMatchObject({
        code: "SOURCE_TOO_MANY_FILES",
        params: { count: 6, limit: 5 },
      });
      expect(Object.keys(await files({ maxFiles: 6 }))).toHaveLength(6);
    });

    test("does not begin when the caller has given up", async () => {
      const { folder, read } = await open();
      await put(folder, "a.pm", "one");
      await expect(read({ signal: AbortSignal.abort(new Error("given up")) })).rejects.toThrow("given up");
    });
  });
};
