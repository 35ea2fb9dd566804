import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { cbz } from "../../library/cbz.ts";
import { pluginSource } from "../../plugins/plugin-source.ts";
import { httpServer } from "../../support/http-server.ts";
import { archiveForm } from "../calls/archives.ts";
import { openTestServer, type Sent, type TestServer } from "../test-server.ts";

let server: TestServer;
let id: string;
beforeAll(async () => {
  server = await openTestServer();
  id = (await server.call("uploadArchive", { payload: archiveForm("a.cbz", cbz("a")) })).body.id;
});
afterAll(() => server.close());

const urlencoded = (...fields: [string, string][]): Sent => ({
  payload: new URLSearchParams(fields).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded" },
});

const multipart = (...fields: [string, string][]): Sent => {
  const lines = fields.flatMap(([name, value]) => [
    "--x",
    `content-disposition: form-data; name="${name}"`,
    "",
    value,
  ]);
  const payload = [...lines, "--x--", ""].join("\r\n");
  return { payload, headers: { "content-type": "multipart/form-data; boundary=x" } };
};

const forms = { urlencoded, multipart };

test.each(Object.entries(forms))("an archive's metadata is taken from a %s form", async (name, form) => {
  const sent = form(["title", `Tïtle & ${name}`], ["tags", "a, b"], ["summary", "c=d"]);
  expect((await server.call("putArchiveMetadata", { params: { id }, ...sent })).status).toBe(200);
  const { body } = await server.call("getArchiveMetadata", { params: { id } });
  expect(body).toMatchObject({ title: `Tïtle & ${name}`, tags: "a, b", summary: "c=d" });
});

test.each(Object.entries(forms))("the last value of a %s form counts, before the query", async (_, form) => {
  const sent = form(["tags", "first"], ["tags", "last"]);
  await server.call("putArchiveMetadata", { params: { id }, query: { tags: "q", title: "From q" }, ...sent });
  const { body } = await server.call("getArchiveMetadata", { params: { id } });
  expect(body).toMatchObject({ title: "From q", tags: "last" });
});

test("tags that are too long for an address are taken from a form", async () => {
  const tags = Array.from({ length: 5000 }, (_, n) => `tag:${n}`).join(", ");
  await server.call("putArchiveMetadata", { params: { id }, ...urlencoded(["tags", tags]) });
  expect((await server.call("getArchiveMetadata", { params: { id } })).body.tags).toBe(tags);
});

test.each(Object.entries(forms))("a %s form is checked as the query is", async (_, form) => {
  const none = await server.call("putArchiveMetadata", { params: { id }, ...form(["other", "x"]) });
  expect([none.status, none.body.code]).toEqual([400, "VALIDATION_FAILED"]);
  const long = form(["title", "x".repeat(5000)]);
  const refused = await server.call("putArchiveMetadata", { params: { id }, ...long });
  expect(refused.body.errors).toEqual([{ path: "/body/title", message: "String is too long: 5000/4096." }]);
});

test("the address of a download is taken from the query and from both kinds of form", async () => {
  const url = "http://localhost:9/a.cbz";
  for (const sent of [{ query: { url, catid: "" } }, urlencoded(["url", url]), multipart(["url", url])]) {
    const { status, body } = await server.call("downloadUrl", sent);
    expect([status, body.url]).toEqual([200, url]);
    expect((await server.ended(body.job)).args).toEqual([url]);
  }
  for (const sent of [{}, urlencoded(["url", ""]), { query: { url: "" } }]) {
    expect((await server.call("downloadUrl", sent)).status).toBe(400);
  }
});

test("a downloaded archive is in the category that the form or the query names", async () => {
  const bytes = [cbz("form"), cbz("query")];
  const address = await httpServer(({ url }, response) => void response.end(bytes[Number(url?.slice(1, 2))]));
  const { host } = new URL(address);
  const local = await openTestServer({ downloadHosts: host });
  onTestFinished(() => local.close());
  const { body: made } = await local.call("createCategory", { query: { name: "Downloads" } });
  const { category_id: catid } = made;
  const source = pluginSource(
    { namespace: "direct", type: "download", url_regex: ".*" },
    "return { downloadUrl: ctx.url };",
  );
  await local.services.installer.sideload("direct.ts", Buffer.from(source), true);
  const urls = [`${address}/0.cbz`, `${address}/1.cbz`];
  const [form, query] = urls;
  const sent = [urlencoded(["url", form ?? ""], ["catid", catid]), { query: { url: query, catid } }];
  const ids: string[] = [];
  for (const one of sent) {
    const { body } = await local.call("downloadUrl", one);
    const { result } = await local.ended(body.job);
    expect(result, JSON.stringify(result)).toMatchObject({ success: 1 });
    ids.push(result.id);
  }
  const { body: category } = await local.call("getCategory", { params: { id: catid } });
  expect([...category.archives].sort()).toEqual([...ids].sort());
});
