import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { webReceiver } from "../notifications/receivers-at-work.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

const notify = (...argv: string[]) => world.run("notify", ...argv);

it("says how to add a receiver where a test finds none", async () => {
  const { code, err } = await notify("test");
  expect([code, err]).toEqual([1, expect.stringContaining("hitagi notify add phone ntfy")]);
});

it("adds receivers, lists them without their secrets, tests and removes them", async () => {
  expect((await notify("list")).out).toContain("hitagi notify add phone ntfy");
  const { url, received } = await webReceiver();
  const made = await notify("add", "home", "webhook", `${url}/hidden`);
  expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^whsec_\S+\n$/)]);
  expect(made.err).toContain("shown only once");
  await writeFile(path.join(world.folder, "token"), "tk_secret\n");
  const phone = [
    "add",
    "phone",
    "ntfy",
    `${url}/topic`,
    "--secret-file",
    "token",
    "--cause",
    "jobs",
    "updates",
  ];
  expect((await notify(...phone)).out).toBe("phone gets: jobs, updates.\n");
  expect((await notify("add", "gone", "webhook", "http://127.0.0.1:9/hook")).code).toBe(0);
  const all = await notify("test");
  expect([all.code, all.out]).toEqual([1, "home took a test message.\nphone took a test message.\n"]);
  expect(all.err).toContain("gone did not take the message");
  await notify("remove", "gone", "--yes");
  const mail = ["notify", "add", "mail", "email", "smtp://me@mail.example", "--from", "a@b", "--to", "c@d"];
  expect((await world.pipe("secret\n", ...mail, "--secret-stdin")).code).toBe(0);
  expect((await notify("test", "phone")).out).toBe("phone took a test message.\n");
  expect(received.at(-1)?.headers.authorization).toBe("Bearer tk_secret");
  const { out } = await notify("list");
  expect(out.replace(/ {2,}/g, "|").split("\n")).toEqual([
    "NAME|KIND|ADDRESS|MESSAGES|LAST",
    `home|webhook|${url}/…|all|-`,
    `phone|ntfy|${url}/…|jobs, updates|-`,
    "mail|email|c@d|all|-",
    "",
  ]);
  expect(out).not.toMatch(/hidden|topic|tk_secret|whsec/);
  for (const name of ["home", "phone", "mail"]) {
    expect((await notify("remove", name, "--yes")).out).toBe(`The receiver ${name} was removed.\n`);
  }
  expect((await notify("list", "--json")).json).toEqual([]);
});

it("changes a receiver, and keeps its secret unless another is given or it goes to another host", async () => {
  const { url, received } = await webReceiver();
  await writeFile(path.join(world.folder, "token"), "tk_kept\n");
  await notify("add", "desk", "ntfy", `${url}/old`, "--secret-file", "token", "--cause", "jobs");
  const set = await notify(
    "set",
    "desk",
    "--address",
    `${url}/new`,
    "--yes",
    "--cause",
    "library",
    "updates",
  );
  expect([set.code, set.out]).toEqual([0, "desk gets: library, updates.\n"]);
  await notify("test", "desk");
  expect(received[0]).toMatchObject({
    headers: { authorization: "Bearer tk_kept" },
    body: expect.stringContaining('"topic":"new"'),
  });
  const moved = await notify("set", "desk", "--address", "http://other.example/new", "--yes");
  expect([moved.code, moved.err]).toEqual([
    1,
    expect.stringContaining("given for another host; give it again"),
  ]);
  expect((await notify("set", "desk", "--no-secret", "--all-causes", "--yes", "--json")).json).toMatchObject({
    hasSecret: false,
    causes: ["jobs", "updates", "quarantine", "library", "registries"],
  });
  await notify("test", "desk");
  expect(received[1]?.headers.authorization).toBeUndefined();
  await notify("remove", "desk", "--yes");
  await notify("add", "hook", "webhook", `${url}/a`);
  const key = await notify("set", "hook", "--no-secret", "--yes");
  expect(key.out).toMatch(/^whsec_\S+\n$/);
  const nothing = await notify("set", "hook");
  expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining("Nothing was given to change.")]);
  await notify("remove", "hook", "--yes");
  expect((await notify("set", "hook", "--plain")).err).toContain("Receiver hook doesn't exist.");
});

it.each([
  [["add", "x", "pigeon", "https://a.example"], "Allowed choices are webhook, ntfy, discord, slack, email."],
  [["add", "x", "email", "smtp://a.example"], "e-mail needs a sender"],
  [["test", "nobody"], "Receiver nobody doesn't exist."],
])("says what is wrong with %j", async (argv, message) => {
  const ran = await notify(...argv);
  expect(ran.code).not.toBe(0);
  expect(ran.err).toContain(message);
});
