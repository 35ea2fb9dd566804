import { readFile } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { strToU8 } from "fflate";
import { beforeEach, describe, expect, test } from "vitest";
import { noPerl } from "../runtimes/perl/fixture.ts";
import { openApp } from "./world.ts";

const registryFolder = path.resolve(import.meta.dirname, "../../../../examples/registry");

describe.skipIf(noPerl)(
  `the Perl plugins of the example registry${noPerl ? `, skipped: ${noPerl}` : ""}`,
  () => {
    let app: Awaited<ReturnType<typeof openApp>>;
    let registry = "";
    const install = (namespace: string) =>
      app.installer.install({ namespace: toNamespace(namespace), registry, grant: true });

    beforeEach(async () => {
      app = await openApp();
      registry = await app.addRegistry(registryFolder);
    });

    test("metadata: reads an info.json", async () => {
      await install("info-file");
      const info = { title: " 新しい題名 ", summary: "Über alles", tags: [" artist:さくら ", "b"] };
      const { id } = await app.addArchive("one", { "深い/info.json": strToU8(JSON.stringify(info)) });
      expect(await app.run("info-file", { archive: id })).toEqual({
        new_tags: " artist:さくら, b",
        title: "新しい題名",
        summary: "Über alles",
      });
      await app.plugins.putSettings("info-file", { keep_title: true, tags_before: "印:" });
      expect(await app.run("info-file", { archive: id })).toEqual({
        new_tags: " 印:artist:さくら, 印:b",
        summary: "Über alles",
      });
      await app.plugins.putSettings("info-file", { file: "no[ne" });
      await expect(app.run("info-file", { archive: id })).rejects.toThrow(/^the archive has no file no\[ne$/);
    });

    test("metadata: the TypeScript port in the author's guide gives the same result", async () => {
      const guide = await readFile(path.join(registryFolder, "../../docs/guide-authors.md"), "utf8");
      const ported = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].find(([, code]) =>
        code?.includes('"info-file"'),
      );
      const info = { title: " 題 ", summary: " s ", tags: [" a:b ", "c"] };
      const archives = [
        await app.addArchive("one", { "info.json": strToU8(JSON.stringify(info)) }),
        await app.addArchive("two", { "in/a/folder/info.json": strToU8("{}") }),
        await app.addArchive("three"),
      ];
      const settings: Record<string, boolean | string>[] = [{}, { keep_title: true, tags_before: "x:" }];
      const results = async () => {
        const all: unknown[] = [];
        for (const values of settings) {
          await app.plugins.putSettings("info-file", values);
          for (const { id } of archives) {
            all.push(await app.run("info-file", { archive: id }).catch((e: Error) => e.message));
          }
        }
        await app.plugins.putSettings("info-file", { keep_title: null, tags_before: null });
        return all;
      };
      await install("info-file");
      const inPerl = await results();
      await app.installer.uninstall("info-file");
      await app.installer.sideload("info-file.ts", Buffer.from(ported?.[1] ?? ""), true);
      expect(await results()).toEqual(inPerl);
      expect(inPerl[0]).toEqual({ new_tags: " a:b, c", title: "題", summary: "s" });
    });

    test("login and download: returns the address itself if it is an archive", async () => {
      await install("member-login");
      await install("link-page");
      await app.plugins.putSettings("member-login", { member_id: 5, member_pass: "päss" });
      expect(await app.run("member-login")).toEqual({});
      const url = "https://files.example.org/a%20b/file.cbz";
      const { data } = await app.plugins.use({ namespace: "link-page", url });
      expect(data).toEqual({ download_url: url });
      expect(await app.plugins.takesUrl(url)).toBe(true);
    });

    test("script: finds the archive of an address if it may read the library", async () => {
      await install("source-search");
      const { id } = await app.addArchive("one", {}, { tags: "source:example.org/g/1/, x" });
      await app.addArchive("two", {}, { tags: "source:example.org/g/10" });
      expect(await app.run("source-search", { arg: "https://www.example.org/g/1?p=2" })).toEqual({
        total: 1,
        id,
      });
      expect(await app.run("source-search", { arg: "https://example.org/g/2" })).toEqual({
        total: 0,
        id: "",
      });
      await expect(app.run("source-search")).rejects.toThrow(/^give the address to look for$/);
      await app.plugins.grant("source-search", {});
      await expect(app.run("source-search", { arg: "x" })).rejects.toMatchObject({
        code: "CAPABILITY_DENIED",
      });
    });
  },
);
