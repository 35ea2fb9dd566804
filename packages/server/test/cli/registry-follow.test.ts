import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeAuthority } from "../support/authority.ts";
import { httpsServer } from "../support/http-server.ts";
import { publication, serveSigned, thief } from "../support/signed-registry.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openCliWorld } from "./cli-world.ts";

/** A registry that moved to another server over TLS, and the command line of its owner. */
const withMove = async () => {
  const authority = await makeAuthority();
  const ca = path.join(await tempFolder(), "ca.pem");
  await writeFile(ca, authority.ca);
  const world = await openCliWorld({ caFile: ca });
  onTestFinished(() => world.close());
  let head: Buffer | undefined;
  const files: Record<string, () => Buffer | undefined> = {
    "/registry.head": () => head,
    "/registry.json": () => publication().index,
  };
  const there = await httpsServer(authority, ({ url }, response) => {
    const bytes = files[url ?? ""]?.();
    if (bytes) response.end(bytes);
    else response.writeHead(404).end();
  });
  const moved = publication({ movedTo: there });
  const source = await serveSigned();
  source.show(moved);
  expect((await world.run("registry", "add", source.url, "--name", "Comics")).code).toBe(0);
  const show = (shown: Buffer) => {
    head = shown;
  };
  return { world, source, there, moved, show };
};

test("a move is shown, asked about, and taken only where the same keys are there", async () => {
  const { world, source, there, moved, show } = await withMove();
  const { out } = await world.run("registry", "show", "Comics");
  expect(out.replaceAll("\n", " ")).toContain(`Its keeper moved it to ${there}. \`hitagi registry follow`);
  const unasked = await world.run("registry", "follow", "Comics");
  expect([unasked.code, unasked.err]).toEqual([
    1,
    expect.stringContaining("hint: Repeat the command with --yes to follow it."),
  ]);
  show(publication({ ...thief, movedTo: there }).head);
  const refused = await world.run("registry", "follow", "Comics", "--yes");
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining("another recovery key than the one that it is pinned to"),
  ]);

  show(moved.head);
  const followed = await world.inTerminal("y\n", "registry", "follow", "Comics");
  expect([followed.code, followed.err]).toEqual([
    0,
    expect.stringContaining(`Its keeper moved it from ${source.url}/ to ${there}. Follow it? [y/N]`),
  ]);
  expect(followed.err).toContain(`--url ${source.url}/\``);
  expect((await world.run("registry", "list", "--json")).json).toMatchObject([
    { url: expect.stringContaining(there) },
  ]);
  expect((await world.run("registry", "follow", "Comics")).err).toContain("Its keeper did not move it");
});

test("a move that the owner ignores is not offered again", async () => {
  const { world, source, there } = await withMove();
  const { code, out } = await world.run("registry", "follow", "Comics", "--ignore");
  expect([code, out]).toEqual([0, `It stays at ${source.url}/. ${there} is not offered again.\n`]);
  expect((await world.run("registry", "list")).out).not.toContain("moved it to");
});
