import { describe, expect, onTestFinished, test } from "vitest";
import { createCdnSource } from "../../src/sources/cdn.ts";
import { createHttp } from "../../src/sources/http.ts";
import { httpServer } from "../support/http-server.ts";
import { folderServer } from "./folder-server.ts";
import { sourceContract } from "./source-contract.ts";

const cdnSource = () => {
  const http = createHttp();
  onTestFinished(() => http.close());
  return createCdnSource({ http });
};

const reach = (below: string) => async (folder: string) => ({
  source: cdnSource(),
  fields: { name: "web", provider: "cdn" as const, url: `${await folderServer(folder)}${below}` },
});

sourceContract("cdn", reach(""));
sourceContract("cdn with slashes at the end", reach("//"));

describe("the address of a file on a web server", () => {
  test("is below the registry's folder with each segment encoded once", async () => {
    const asked: (string | undefined)[] = [];
    const origin = await httpServer((request, response) => {
      asked.push(request.url);
      response.end("x");
    });
    const source = cdnSource();
    const fields = { name: "web", provider: "cdn" as const, url: `${origin}/a%20folder/` };
    await source.fetch(fields, "1.0.0+b/100%25 ü.ts", { maxBytes: 10, timeoutMs: 150_000 });
    expect(asked).toEqual(["/a%20folder/1.0.0%2Bb/100%2525%20%C3%BC.ts"]);
  });

  test.each([
    ["ftp://example.org/x", "http"],
    ["file:///etc", "http"],
    ["example.org", "address"],
    ["https://example.org/?token=1", "query"],
    ["https://example.org/#x", "fragment"],
    ["https://me:secret@example.org/", "password"],
    ["", "address"],
  ])("is refused for the url %j", (url, why) => {
    expect(cdnSource().check({ name: "web", provider: "cdn", url })).toContain(why);
  });
});
