import { writeFile } from "node:fs/promises";
import path from "node:path";
import { archiveBytes } from "@hitagi/sdk/testing";
import { beforeEach, expect, test } from "vitest";
import { runCaptured } from "../cli/cli-world.ts";
import { httpServer } from "../support/http-server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const plugin = (host: string) => `export default {
  namespace: "site-tags", type: "metadata", name: "Site tags", version: "1.0.0", author: "me",
  description: "Asks a site for tags.",
  parameters: { token: { type: "secret", desc: "Token" }, language: { type: "string", default_value: "en" } },
  permissions: { net: ["${host}"] },
  async getTags({ archive, settings, log }) {
    const entries = await archive.entries();
    log.info("asks for", archive.title);
    const response = await fetch("http://${host}/tags?l=" + settings.language, { headers: { authorization: settings.token } });
    if (!response.ok) throw new Error("The site answered " + response.status);
    return { title: "T", tags: [...(await response.json()), "pages:" + entries.length] };
  },
};
`;

let folder: string;
let host: string;
beforeEach(async () => {
  folder = await tempFolder();
  const address = await httpServer(({ url, headers }, response) => {
    if (url === "/plugin.js") return response.end(plugin(host));
    response.statusCode = headers.authorization === "let me in" ? 200 : 403;
    response.setHeader("content-type", "application/json");
    response.end('["a:b"]');
  });
  host = new URL(address).host;
  await writeFile(path.join(folder, "plugin.js"), plugin(host));
  await writeFile(path.join(folder, "comic.cbz"), archiveBytes({ pages: 2 }));
});

test("it shows the result, the log, the requests, the time and the memory of one run", async () => {
  const { code, out } = await runCaptured(
    ["try", "plugin.js", "--archive", "comic.cbz", "--set", "token=let me in", "--set", "language=de"],
    { cwd: folder },
  );
  expect(code).toBe(0);
  expect(out).toMatch(/^comic\.cbz:\nResult:\n {2}tags: 2\n {4}"a:b"\n {4}"pages:2"\n {2}title: "T"\n/);
  expect(out).toMatch(/Log:\n {2}info +asks for comic\n/);
  expect(out).toMatch(/200 +GET +http:\/\/127\.0\.0\.1:\d+\/tags +the site/);
  expect(out).toMatch(/^Time: [\d.]+ ms\. Memory: /m);
});

test("the place of a failure is in the plugin, where an interface of the runtime threw", async () => {
  const body = `const { id } = await new Response("no JSON").json();\n    return { id };`;
  await writeFile(
    path.join(folder, "reads.js"),
    `export default {
  namespace: "reads", type: "script", name: "Reads", version: "1.0.0", author: "me", description: "Reads an answer.",
  async run() {
    ${body}
  },
};
`,
  );
  const { json } = await runCaptured(["try", "reads.js", "--json"], { cwd: folder });
  expect(json.runs[0].failure).toMatchObject({ thrown: "SyntaxError", place: { file: "reads.js", line: 4 } });
});

test("a plugin is tried from an address, and its failure has the line", async () => {
  const { code, json } = await runCaptured(
    ["try", `http://${host}/plugin.js`, "--archive", "comic.cbz", "--json"],
    { cwd: folder },
  );
  expect(code).toBe(1);
  expect(json.runs[0].failure).toMatchObject({
    code: "PLUGIN_FAILED",
    message: "The site answered 403",
    place: { file: "plugin.js", line: 10 },
  });
});

test.each([
  [["try", "none.js"], 1, /none\.js/],
  [["try", "plugin.js"], 2, /--archive comic\.cbz/],
  [["try", "plugin.js", "--archive", "none.cbz"], 1, /none\.cbz cannot be used/],
  [
    ["try", "plugin.js", "--archive", "comic.cbz", "--set", "nothing=1"],
    1,
    /no setting nothing\.\nhint: Its manifest declares: token, language\./,
  ],
  [["try", "http://127.0.0.1:1/x.js"], 1, /ECONNREFUSED/],
])("%j ends with a message that says what to do", async (argv, expected, words) => {
  const { code, err } = await runCaptured(argv, { cwd: folder });
  expect([code, err]).toEqual([expected, expect.stringMatching(words)]);
  expect(err).toMatch(/^hint: /m);
});

test("a file that is not there is named, and not taken for an import", async () => {
  const { code, err } = await runCaptured(["try", "nothing.ts", "--archive", "comic.cbz"], { cwd: folder });
  expect(code).toBe(1);
  expect(err).toMatch(/^error: .+\/nothing\.ts cannot be used: .+ does not exist\.\nhint: Check the path\./);
});
