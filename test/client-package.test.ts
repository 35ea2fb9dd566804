import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { createContext, runInContext } from "node:vm";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build } from "esbuild";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { KEY, openTestServer, type TestServer } from "../packages/server/test/http/test-server.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { copyOfCheckout, install, pack, root } from "./copy-of-checkout.ts";
import { nodePrograms } from "./node-programs.ts";

const run = promisify(execFile);
const chromium = "/usr/bin/chromium";

/** A program in a folder that has only the packages. */
const PROGRAM = `
import { ApiError, createClient, type Registry } from "@hitagi/contract";
import type { MetadataPlugin } from "@hitagi/sdk";

export const plugin = {
  namespace: "hello",
  type: "metadata",
  name: "Hello",
  version: "1.0.0",
  author: "me",
  description: "Adds a tag",
  getTags: async () => ({ tags: ["hello"] }),
} satisfies MetadataPlugin;

export const use = async (base: string, key: string): Promise<string> => {
  const client = createClient(base, key);
  const registries: Registry[] = (await client.listRegistries({})).registries;
  const failure = await client.getRegistry({ params: { id: "REG_0000000000" } }).catch((error: unknown) => error);
  if (!(failure instanceof ApiError)) throw failure;
  // @ts-expect-error a call takes its own parameters only
  client.getRegistry({ params: { name: "x" } }).catch(() => {});
  const { name } = await client.getInfo({});
  return \`\${name} \${registries.length} \${failure.code}\`;
};
`;
const EXPECTED = "Hitagi 0 REGISTRY_NOT_FOUND";

const tsconfig = (options: object) => ({
  compilerOptions: {
    target: "es2023",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    outDir: "out",
    rootDir: ".",
    ...options,
  },
  include: ["program.ts"],
});

let server: TestServer;
let base: string;
let own: string;
let folder: string;
let tarballs: string[];

beforeAll(async () => {
  server = await openTestServer();
  base = await server.http.listen({ host: "127.0.0.1", port: 0 });
  own = await mkdtemp(path.join(tmpdir(), "hitagi-client-"));
  const checkout = await copyOfCheckout(own);
  tarballs = [];
  for (const name of ["contract", "sdk"] as const) tarballs.push((await pack(checkout, name)).tarball);
  folder = path.join(own, "empty");
  await install(folder, [...tarballs, "typescript@5", "@types/node@20"]);
  await writeFile(path.join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  await writeFile(path.join(folder, "program.ts"), PROGRAM);
});
afterAll(async () => {
  await server.close();
  await rm(own, { recursive: true, force: true });
});

const compile = async (tsc: string, options: object): Promise<void> => {
  await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify(tsconfig(options)));
  await run(process.execPath, [tsc, "-p", folder], { cwd: folder }).catch(({ stdout }) => {
    throw new Error(stdout);
  });
};

describe("the packages of the client and the SDK", () => {
  test("have no fault that publint or arethetypeswrong knows", async () => {
    for (const tarball of tarballs) {
      const bytes = await readFile(tarball);
      const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
      const { messages } = await publint({ pack: { tarball: buffer }, level: "suggestion" });
      expect(messages).toEqual([]);
      const checked = await checkPackage(createPackageFromTarballData(bytes));
      // They are modules only: \`require\` of Node before 20.19, and resolution without \`exports\`, do not find them.
      const faults = "problems" in checked ? checked.problems : ["it has no types"];
      const others = faults.filter(
        (fault) =>
          typeof fault === "string" ||
          !("resolutionKind" in fault && ["node10", "node16-cjs"].includes(fault.resolutionKind)),
      );
      expect(others).toEqual([]);
    }
  });

  test.each([
    [
      "TypeScript 5, of a browser",
      "5",
      { lib: ["es2023", "dom", "dom.iterable", "dom.asynciterable"], types: [], skipLibCheck: true },
    ],
    [
      "TypeScript 7, of Node, with the types of the libraries checked",
      "7",
      { lib: ["es2023"], types: ["node"] },
    ],
  ])("compile strictly with the types of %s", async (_title, version, options) => {
    const at = version === "5" ? folder : root;
    await compile(path.join(at, "node_modules", "typescript", "bin", "tsc"), options);
  });

  test.each([...nodePrograms()])("run in Node %s in an empty folder", async (_version, program) => {
    const script = `import { use } from "./out/program.js"; console.log(await use(...process.argv.slice(1)));`;
    const args = ["--input-type=module", "--eval", script, base, KEY];
    const { stdout } = await run(program, args, { cwd: folder });
    expect(stdout.trim()).toBe(EXPECTED);
  });
});

const bundle = async (): Promise<string> => {
  const entry = path.join(folder, "out", "program.js");
  const options = { bundle: true, platform: "browser", format: "iife", globalName: "program" } as const;
  const { outputFiles } = await build({ entryPoints: [entry], ...options, write: false });
  return outputFiles[0]?.text ?? "";
};

describe("the client in a browser", () => {
  test("needs nothing that only Node has", async () => {
    const web = {
      fetch,
      URL,
      URLSearchParams,
      FormData,
      TextEncoder,
      TextDecoder,
      btoa,
      setTimeout,
      clearTimeout,
    };
    const context = createContext({ ...web });
    const result = await runInContext(`${await bundle()};program.use`, context)(base, KEY);
    expect(result).toBe(EXPECTED);
  });

  test.skipIf(!existsSync(chromium))("works on a page in Chromium", async () => {
    const script = await bundle();
    // The page and the API have one origin, as behind a proxy: the server lets no other origin read its answers.
    const proxy = createServer((request, response) => {
      if (request.url === "/page") {
        const start = `program.use(location.origin, ${JSON.stringify(KEY)}).then(String, String).then((text) => { document.body.textContent = text; });`;
        response.setHeader("content-type", "text/html; charset=utf-8");
        response.end(`<!doctype html><meta charset="utf-8"><body></body><script>${script};${start}</script>`);
        return;
      }
      const headers = { authorization: request.headers.authorization ?? "" };
      fetch(new URL(request.url ?? "/", base), { headers })
        .then(async (answer) => {
          response.writeHead(answer.status, { "content-type": "application/json" });
          response.end(await answer.text());
        })
        .catch((error: unknown) => response.destroy(error as Error));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.closeAllConnections());
    onTestFinished(() => void proxy.close());
    const profile = path.join(await tempFolder(), "profile");
    await mkdir(profile);
    const flags = [
      ...[
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
      ],
      ...["--disable-background-networking", "--disable-component-update", `--user-data-dir=${profile}`],
      ...["--virtual-time-budget=60000", "--dump-dom"],
    ];
    const page = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/page`;
    const { stdout } = await run(chromium, [...flags, page], { maxBuffer: 1e8 });
    expect(/<body>(.*?)<script>|<body>(.*?)<\/body>/s.exec(stdout)?.slice(1).join("")).toContain(EXPECTED);
  });
});

test("openapi-typescript makes named types of the OpenAPI document", async () => {
  const place = await tempFolder();
  await install(place, ["openapi-typescript", "typescript@5"]);
  await writeFile(path.join(place, "openapi.json"), (await server.http.inject("/api/openapi.json")).body);
  await run(
    path.join(place, "node_modules", ".bin", "openapi-typescript"),
    ["openapi.json", "-o", "api.d.ts", "--default-non-nullable=false"],
    { cwd: place },
  );
  const use = `
import type { components, operations } from "./api.d.ts";
type Schemas = components["schemas"];
export const name = (registry: Schemas["Registry"]): string => registry.name;
export const body: Schemas["InstallBody"] = { namespace: "a", registry: "REG_0000000001" };
type Answer = operations["listRegistries"]["responses"][200]["content"]["application/json"];
export const first = (answer: Answer): string | undefined => answer.registries[0]?.name;
// @ts-expect-error a registry has a name
name({});
`;
  await writeFile(path.join(place, "program.ts"), use);
  const tsc = path.join(place, "node_modules", "typescript", "bin", "tsc");
  await run(
    process.execPath,
    [tsc, "--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "program.ts"],
    {
      cwd: place,
    },
  ).catch(({ stdout }) => {
    throw new Error(stdout);
  });
});
