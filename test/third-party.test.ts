import { readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { external } from "../scripts/build.mjs";
import { forNode, partNames, partOptions } from "../scripts/build-parts.mjs";
import { thirdParty, thirdPartyText } from "../scripts/third-party.mjs";

const root = path.dirname(import.meta.dirname);
const listed = thirdParty();
const names = new Set(listed.map(({ name }) => name));

/** The names of the libraries of which a bundle has parts. */
const bundled = async (options: Parameters<typeof build>[0]): Promise<string[]> => {
  const { metafile } = await build({
    ...options,
    write: false,
    metafile: true,
    outdir: root,
    outfile: undefined,
  });
  const places = Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? file : [])),
  );
  const found = places.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return [...new Set(found.filter((name) => name !== undefined))];
};

test("lists every library that the server's package contains or installs", { timeout: 120_000 }, async () => {
  const server = { entryPoints: [path.join(root, "packages/server/src/cli/main.ts")], external };
  const inServer = await bundled({ ...forNode, ...server, splitting: true });
  expect(inServer).toEqual(expect.arrayContaining(["fastify", "yauzl", "jschardet", "typebox"]));
  for (const name of inServer) expect(names, name).toContain(name);
  for (const part of partNames)
    for (const name of await bundled(await partOptions(part))) expect(names, name).toContain(name);
  for (const folder of ["server", "web"]) {
    const { dependencies } = JSON.parse(
      readFileSync(path.join(root, "packages", folder, "package.json"), "utf8"),
    );
    const others = Object.keys(dependencies).filter(
      (name) => !name.startsWith("@hitagi/") && name !== "vite",
    );
    for (const name of others) expect(names, name).toContain(name);
  }
});

test("names each licence as the library's package.json does, and all go with MIT", () => {
  const free =
    /^\(?(?:MIT|MIT-0|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense|CC0-1\.0|MPL-2\.0)(?: OR [\w.-]+)*\)?$/;
  for (const { name, version, licence } of listed) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+/);
    if (name === "7z-wasm") expect(licence).toMatch(/^LGPL-2\.1-or-later, .*unRAR/);
    else expect(licence, name).toMatch(free);
  }
  const yauzl = JSON.parse(readFileSync(path.join(root, "node_modules/yauzl/package.json"), "utf8"));
  expect(thirdPartyText()).toContain(`- yauzl ${yauzl.version}: ${yauzl.license}. Copyright`);
});
