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

// The library refuses each name before it reads the stream, whose error then has no reader.
test.each(["%3F", "%01", "%C2%95", "a%5C.cbz", "b.rar", "b.pdf", "b.tar.gz"])(
  "a download with the refused file name %s fails, and the server goes on",
  async (name) => {
    const { plugins, site } = await open((_, response) => void response.write("x".repeat(1024)));
    await expect(plugins.download(`${site}/${name}`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(VALIDATION_FAILED|ARCHIVE_TYPE_UNSUPPORTED)$/),
    });
  },
);

test.each(["comic.rar", "comic.pdf", "comic.tar.gz"])(
  "a download that its server names %s fails, and the server goes on",
  async (name) => {
    const { plugins, site } = await open((_, response) => {
      response.setHeader("content-disposition", `attachment; filename="${name}"`);
      response.write("x".repeat(1024));
    });
    await expect(plugins.download(`${site}/get`)).rejects.toMatchObject({ code: "ARCHIVE_TYPE_UNSUPPORTED" });
  },
);
