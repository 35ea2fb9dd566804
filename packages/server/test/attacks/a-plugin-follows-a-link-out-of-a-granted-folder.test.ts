import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createFileAccess } from "../../src/runtimes/granted-files.ts";
import { realBroker, scopeOf } from "../runtimes/broker/fixture.ts";
import { script, sharedRuntime } from "../runtimes/deno/fixture.ts";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";
import { tempFolder } from "../support/temp-folder.ts";

const shared = sharedRuntime();

/** A granted folder, and a secret beside it to which links in the folder lead. */
const openFolders = async () => {
  const parent = await tempFolder();
  const [granted, secret] = [path.join(parent, "granted"), path.join(parent, "secret")];
  for (const folder of [parent, granted, secret]) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
  }
  await writeFile(path.join(granted, "own.txt"), "own");
  await writeFile(path.join(secret, "key"), "the secret");
  await symlink(path.join(secret, "key"), path.join(granted, "file-link"));
  await symlink("../secret", path.join(granted, "folder-link"));
  await symlink("/proc/self/root", path.join(granted, "root-link"));
  return { granted, secret, outside: path.join(secret, "key") };
};

test("in TypeScript: it is refused by every path, and the honest file is read", async () => {
  const { granted, outside } = await openFolders();
  const { broker } = await realBroker();
  const paths = [
    `${granted}/file-link`,
    `${granted}/folder-link/key`,
    `${granted}/root-link${outside}`,
    `${granted}/../secret/key`,
    `${granted}/folder-link/../secret/key`,
    outside,
    `${granted}\0/../secret/key`,
  ];
  const body = `const read = (path) => ctx.files.text(path).catch((e) => e.code);
    return { own: await read("${granted}/own.txt"), links: await Promise.all(${JSON.stringify(paths)}.map(read)),
      folder: await ctx.files.list("${granted}/folder-link").catch((e) => e.code),
      seen: (await ctx.files.list("${granted}")).map(({ name }) => name) };`;
  const onHostRequest = broker.bind(scopeOf({ files: [granted] }));
  const { own, links, folder, seen } = (await shared().call(script(body), request({ onHostRequest }))) as {
    own: string;
    links: string[];
    folder: string;
    seen: string[];
  };
  expect([own, seen]).toEqual(["own", ["own.txt"]]);
  expect([...new Set([...links, folder])].sort()).toEqual(["CAPABILITY_DENIED", "FILE_NOT_READ"]);
});

test("in TypeScript: a link that takes a folder's place during reads is never followed", async () => {
  const { granted, secret } = await openFolders();
  const folder = path.join(granted, "sub");
  await mkdir(folder);
  await writeFile(path.join(folder, "key"), "honest");
  let swapping = true;
  const swap = async () => {
    while (swapping) {
      await rename(folder, `${folder}-away`);
      await symlink(secret, folder);
      await rm(folder);
      await rename(`${folder}-away`, folder);
    }
  };
  const swapped = swap();
  const access = createFileAccess();
  const seen = new Map<string, number>();
  for (let n = 0; n < 300; n++) {
    const text = await access.open([granted], path.join(folder, "key")).then(
      async (handle) => handle.readFile("utf8").finally(() => handle.close()),
      (e: unknown) => (e instanceof HitagiError ? e.code : String(e)),
    );
    seen.set(text, (seen.get(text) ?? 0) + 1);
  }
  swapping = false;
  await swapped;
  expect([...seen.keys()]).not.toContain("the secret");
  expect(
    [...seen.keys()].filter((text) => !["honest", "FILE_NOT_READ", "CAPABILITY_DENIED"].includes(text)),
  ).toEqual([]);
});

test.skipIf(noBubblewrap)(
  `in Perl: the link leads nowhere${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  async () => {
    const { granted, outside } = await openFolders();
    const files = await createFileAccess().resolve("probe", [granted]);
    const runtime = openPerl();
    const paths = ["own.txt", "file-link", "folder-link/key", `root-link${outside}`, "../secret/key"];
    const body = `return (texts => [map { my $in; open($in, '<', "${granted}/$_") ? scalar(<$in>) : "$!" } qw(${paths.join(" ")})]);`;
    expect(await runtime.call(perlScript(body), request({ files }))).toEqual({
      texts: ["own", ...Array(4).fill("No such file or directory")],
    });
  },
);
