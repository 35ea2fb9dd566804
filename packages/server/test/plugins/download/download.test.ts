import type { IncomingMessage, ServerResponse } from "node:http";
import { type Manifest, toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { cbz } from "../../library/cbz.ts";
import { httpServer } from "../../support/http-server.ts";
import { openPlugins } from "../open-plugins.ts";
import { pluginSource } from "../plugin-source.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const file: Answer = (_, response) => {
  response.setHeader("content-disposition", "attachment; filename*=UTF-8''%E9%A1%8C.cbz");
  response.end(cbz("downloaded"));
};

/** A site with these pages, and a download plugin that returns the address in its `given` parameter, or the requested one. */
const setup = async (pages: Record<string, Answer>, manifest: Partial<Manifest> = {}) => {
  const seen: IncomingMessage[] = [];
  const site = await httpServer((request, response) => {
    seen.push(request);
    const page = pages[(request.url ?? "").split("?")[0] ?? ""];
    if (page) page(request, response);
    else response.writeHead(404).end();
  });
  const parameters = { given: { type: "string" } } as const;
  const url_regex = "^http://(127[.]0[.]0[.]1|site[.]example)[:/]";
  const taker = pluginSource(
    { namespace: "taker", type: "download", url_regex, parameters, ...manifest },
    "return { downloadUrl: ctx.settings.given || ctx.url };",
  );
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const open = await openPlugins({ lookup, downloadHosts: [new URL(site).host] });
  await open.sideload(taker);
  const give = (url: string) => open.setting("taker", "given", url);
  return { ...open, site, seen, give };
};

const redirect = (to: string | (() => string), status = 302): Answer => {
  return (_, response) => {
    response.writeHead(status, { location: typeof to === "string" ? to : to() }).end("moved");
  };
};

test("the requested address is downloaded into the library", async () => {
  const { plugins, library, site } = await setup({ "/get": file });
  const steps: number[] = [];
  const done = await plugins.download(`${site}/get?a=1,2`, { onProgress: (n) => steps.push(n) });
  expect(done.filename).toBe("題.cbz");
  const tag = `source:${new URL(site).host}/get?a=1%2C2`;
  expect(await library.get(done.id)).toMatchObject({ title: "題", tags: tag });
  expect(steps.at(-1)).toBe(cbz("downloaded").length);
  await expect(plugins.download(`${site}/get`)).rejects.toMatchObject({
    code: "ARCHIVE_EXISTS",
    params: { id: done.id },
  });
});

test("an address that matches no download plugin is refused", async () => {
  const { plugins } = await setup({});
  expect(await plugins.takesUrl("ftp://other.example/a.zip")).toBe(false);
  expect(await plugins.takesUrl("http://site.example/a")).toBe(true);
  await expect(plugins.download("ftp://other.example/a.zip")).rejects.toMatchObject({
    code: "NO_DOWNLOADER",
  });
});

test("a site's own plugin is preferred to a builtin, and a working plugin to a broken one", async () => {
  const { plugins, write, active, site } = await setup({ "/get": file });
  const taking = (namespace: string) =>
    pluginSource(
      { namespace: toNamespace(namespace), type: "download", url_regex: "." },
      `throw new Error("${namespace} was asked");`,
    );
  await write("builtin/anything.ts", taking("anything"));
  await plugins.scan();
  await expect(plugins.download(`${site}/get`)).resolves.toMatchObject({ filename: "題.cbz" });
  active.patch("taker", { health: { state: "quarantined", reason: "crashes" } });
  await expect(plugins.download(`${site}/get`)).rejects.toMatchObject({ message: "anything was asked" });
});

test("a plugin may not return an address on a host that was neither granted nor requested", async () => {
  const { plugins, give, site, seen } = await setup({ "/get": file });
  await give("http://elsewhere.example/steal?token=1");
  await expect(plugins.download(`${site}/get`)).rejects.toMatchObject({
    code: "CAPABILITY_DENIED",
    message: expect.stringContaining("was not granted this host"),
  });
  await give("file:///etc/passwd");
  await expect(plugins.download(`${site}/get`)).rejects.toMatchObject({ code: "CAPABILITY_DENIED" });
  await give("nonsense");
  await expect(plugins.download(`${site}/get`)).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
  expect(seen).toEqual([]);
});

test("a plugin may return an address on a granted host, including this machine if the grant names it", async () => {
  const storage = await httpServer(file);
  const net = [new URL(storage).host];
  const { plugins, give } = await setup({}, { permissions: { net } });
  await give(`${storage}/blob`);
  await expect(plugins.download("http://site.example/page")).resolves.toMatchObject({ filename: "題.cbz" });
});

test("a public name that resolves to this machine is refused", async () => {
  const { plugins, seen, site } = await setup({ "/get": file });
  const { port } = new URL(site);
  await expect(plugins.download(`http://site.example:${port}/get`)).rejects.toMatchObject({
    code: "CAPABILITY_DENIED",
    message: expect.stringContaining("not public"),
  });
  expect(seen).toEqual([]);
});

test("a redirect on the same host is followed, and one to another private host is refused", async () => {
  let other = 0;
  const inside = await httpServer((_, response) => {
    other++;
    response.end(cbz("secret"));
  });
  const { plugins, site } = await setup({
    "/get": redirect("/moved?x=1", 301),
    "/moved": file,
    "/inside": redirect(inside),
    "/name": redirect(() => `http://inside.example:${new URL(inside).port}/`),
    "/scheme": redirect("file:///etc/passwd"),
    "/loop": redirect("/loop"),
  });
  await expect(plugins.download(`${site}/get`)).resolves.toMatchObject({ filename: "題.cbz" });
  for (const page of ["/inside", "/name", "/scheme"]) {
    await expect(plugins.download(site + page)).rejects.toMatchObject({ code: "CAPABILITY_DENIED" });
  }
  await expect(plugins.download(`${site}/loop`)).rejects.toMatchObject({
    code: "REQUEST_FAILED",
    message: expect.stringContaining("more than 5 redirects"),
  });
  expect(other).toBe(0);
});

test("a response that is no archive, too large, cut off, or an error leaves no file", async () => {
  const { plugins, library, site } = await setup({
    "/page.zip": (_, response) => response.end("<html>"),
    "/huge.zip": (_, response) => {
      response.on("close", () => clearInterval(flood));
      const flood = setInterval(() => response.write(Buffer.alloc(1_000_000)), 1);
    },
    "/cut.zip": (_, response) => {
      response.writeHead(200, { "content-length": 10_000 });
      response.write(cbz("cut").subarray(0, 100), () => response.destroy());
    },
  });
  const codes: [string, string][] = [
    ["/page.zip", "ARCHIVE_BROKEN"],
    ["/huge.zip", "PAYLOAD_TOO_LARGE"],
    ["/cut.zip", "REQUEST_FAILED"],
    ["/absent.zip", "REQUEST_FAILED"],
  ];
  for (const [page, code] of codes) {
    await expect(plugins.download(site + page), page).rejects.toMatchObject({ code });
  }
  expect(await library.list()).toEqual([]);
});

test("a download that hangs can be cancelled", async () => {
  const { plugins, site, seen } = await setup({
    "/hang.zip": (_, response) => void response.writeHead(200).write("PK"),
  });
  const abort = new AbortController();
  const hanging = plugins.download(`${site}/hang.zip`, {
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(hanging).rejects.toMatchObject({ code: "PLUGIN_CANCELLED" });
  expect(seen).toHaveLength(1);
});

test("the request carries the session of the plugin's login, to that login's hosts only", async () => {
  const { plugins, write, site, seen } = await setup({ "/get": file }, { login_from: "member" });
  const host = new URL(site).host;
  await write(
    "plugins/Sideloaded/member.ts",
    pluginSource(
      { namespace: "member", type: "login", permissions: { net: [host] } },
      `return { cookies: [{ name: "sid", value: "1", domain: "127.0.0.1" }], headers: { "x-member": "yes" } };`,
    ),
  );
  await plugins.scan();
  await plugins.grant("member");
  await plugins.download(`${site}/get`);
  expect(seen[0]?.headers).toMatchObject({ cookie: "sid=1", "x-member": "yes" });
});
