import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";

/** A site, and a download plugin that returns the address that was asked for. */
const open = async (answer: RequestListener) => {
  const site = await httpServer(answer);
  const { plugins, sideload } = await openPlugins({
    lookup: async () => [],
    downloadHosts: [new URL(site).host],
  });
  await sideload(
    pluginSource(
      { namespace: "taker", type: "download", url_regex: "^http://127[.]0[.]0[.]1:" },
      "return { downloadUrl: ctx.url };",
    ),
  );
  return { plugins, site };
};

/** The site sends the beginning of an archive, and closes the connection. */
const breaksOff =
  (name?: string): RequestListener =>
  (_, response) => {
    if (name) response.setHeader("content-disposition", `attachment; filename="${name}"`);
    response.setHeader("content-length", 4096);
    response.write("PK\x03\x04".padEnd(1024, "x"), () => response.destroy());
  };

test.each(["%3F", "%01", "%C2%95", "a%5C.cbz", ".cbz", "b.rar", "b.pdf", "b.tar.gz"])(
  "a download with the file name %s fails, and the server goes on",
  async (name) => {
    const { plugins, site } = await open(breaksOff());
    await expect(plugins.download(`${site}/${name}`)).rejects.toMatchObject({ code: "REQUEST_FAILED" });
  },
);

test.each(["comic.rar", "..pdf", "\\.tar.gz"])(
  "a download that its server names %s fails, and the server goes on",
  async (name) => {
    const { plugins, site } = await open(breaksOff(name));
    await expect(plugins.download(`${site}/get`)).rejects.toMatchObject({ code: "REQUEST_FAILED" });
  },
);
