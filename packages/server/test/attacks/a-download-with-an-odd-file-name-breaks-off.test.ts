import { writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { httpServer } from "../support/http-server.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A server with a download plugin that returns the address that was asked for, and a site. */
const open = async (answer: RequestListener) => {
  const site = await httpServer(answer);
  const folder = await tempFolder();
  const settings = {
    data: path.join(folder, "data"),
    downloadHosts: new URL(site).host,
    port: "0",
    warm: "0",
  };
  const server = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
  onTestFinished(() => server.stop());
  const file = path.join(folder, "taker.ts");
  const source = pluginText(
    "taker",
    "1.0.0",
    "download",
    "provideUrl: (ctx) => ({ downloadUrl: ctx.url }),",
    'url_regex: "^http://127[.]0[.]0[.]1:",',
  );
  await writeFile(file, source);
  const env = { HITAGI_SERVER: server.address, HITAGI_DATA: settings.data };
  const sideloaded = await runCaptured(["sideload", file], { env });
  expect(sideloaded.code, sideloaded.err).toBe(0);
  const client = createClient(server.address, server.apiKey.key);
  /** Downloads in a job; answers how it ended, once it has. */
  const download = async (address: string) => {
    const { job } = await client.downloadUrl({ body: { url: `${site}/${address}` } });
    await vi.waitFor(async () => {
      const { state } = await client.getJob({ params: { job } });
      expect(state).toMatch(/^(finished|failed)$/);
    });
    return client.getJobDetail({ params: { job } });
  };
  return { client, download };
};

/** The site sends the beginning of an archive, and closes the connection. */
const breaksOff: RequestListener = (request, response) => {
  const name = new URL(request.url ?? "", "http://x").searchParams.get("name");
  if (name) response.setHeader("content-disposition", `attachment; filename="${name}"`);
  response.setHeader("content-length", 4096);
  response.write("PK\x03\x04".padEnd(1024, "x"), () => response.destroy());
};

test("a download with any name that breaks off is a failed job, and the server answers", async () => {
  const { client, download } = await open(breaksOff);
  const inAddress = ["%3F", "%01", "%C2%95", "a%5C.cbz", ".cbz", "b.rar", "b.pdf", "b.tar.gz"];
  const inHeader = ["comic.rar", "..pdf", "\\.tar.gz"].map((name) => `get?name=${encodeURIComponent(name)}`);
  for (const address of [...inAddress, ...inHeader]) {
    // LANraragi's clients look for the failure in the result.
    expect(await download(address), address).toMatchObject({
      result: { success: 0, code: "REQUEST_FAILED", hint: expect.any(String) },
    });
    expect(await client.listArchives({})).toEqual([]);
  }
});
