import type { Credential, RegistryFields } from "@hitagi/contract";
import { expect, onTestFinished, test } from "vitest";
import { checkCredential, keepsCredential, readCredential } from "../../src/catalog/registry-fields.ts";
import { createHttp } from "../../src/sources/http.ts";
import { createSources } from "../../src/sources/sources.ts";
import { makeAuthority } from "../support/authority.ts";
import { httpsServer } from "../support/http-server.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";

const authority = await makeAuthority();
const limits = { maxBytes: 1000, timeoutMs: 150_000 };
const [USER, PASSWORD] = ["日本 keeper", "p:a ss-wörd"];
const HEADER = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
const credential = readCredential({ user: USER, password: PASSWORD }) as Credential;

/** Sources, and a server that answers only to that user. */
const open = async () => {
  const asked: (string | undefined)[] = [];
  const address = await httpsServer(authority, (request, response) => {
    asked.push(request.headers.authorization);
    if (request.headers.authorization === HEADER) response.end("the index");
    else response.writeHead(401).end();
  });
  const network = { ca: authority.ca };
  const http = createHttp({ attempts: 1, baseMs: 5 }, network);
  onTestFinished(() => http.close());
  const deps = sourceDeps(http, await tempFolder(), network);
  const forges = { ...deps.forges, giteaUrl: [address] };
  return { asked, address, sources: createSources({ ...deps, forges }) };
};

const places = {
  cdn: (address: string): RegistryFields => ({ name: "w", provider: "cdn", url: address }),
  gitea: (address: string): RegistryFields => ({
    name: "g",
    provider: "gitea",
    url: `${address}/o/r`,
    ref: "main",
  }),
};

test.each(Object.entries(places))("a registry on %s is read with a user and password", async (_, place) => {
  const { asked, address, sources } = await open();
  const fields = place(address);
  checkCredential(sources, fields, credential);
  const source = sources.get(fields.provider);
  const fetched = await source.fetch(fields, "registry.json", { ...limits, credential });
  expect(fetched.changed && fetched.bytes.toString()).toBe("the index");
  expect(asked).toEqual([HEADER]);
  const wrong: Credential = { kind: "password", secret: `${USER}:other` };
  await expect(source.fetch(fields, "registry.json", { ...limits, credential: wrong })).rejects.toMatchObject(
    {
      code: "SOURCE_CREDENTIAL_REFUSED",
    },
  );
});

test("git sends a user and password to its host, and no error shows them", async () => {
  const { asked, address, sources } = await open();
  const fields: RegistryFields = { name: "g", provider: "git", url: `${address}/o/r.git` };
  checkCredential(sources, fields, credential);
  const reading = sources.get("git").fetch(fields, "registry.json", { ...limits, credential });
  const error = await reading.catch((e: Error) => e);
  expect(asked).toContain(HEADER);
  expect(`${error}${(error as Error).cause}`).not.toContain(PASSWORD);
});

test("a user without a password, and a password without a user, are sent as they are", () => {
  expect(readCredential({ user: "token-as-user" })?.secret).toBe("token-as-user:");
  expect(readCredential({ password: "alone" })?.secret).toBe(":alone");
  expect(readCredential({ password: null })).toBeNull();
});

test.each<[RegistryFields, string]>([
  [{ name: "g", provider: "github", url: "https://github.com/o/r", ref: "main" }, "takes"],
  [{ name: "g", provider: "gitlab", url: "https://gitlab.com/o/r", ref: "main" }, "takes"],
  [{ name: "g", provider: "git", url: "git@host.example:o/r" }, "ssh key"],
  [{ name: "w", provider: "cdn", url: "http://host.example/" }, "https"],
])("%j takes no user and password", async (fields, why) => {
  const { sources } = await open();
  expect(() => checkCredential(sources, fields, credential)).toThrow(why);
});

test("they are kept for the same host, where it accepts them", async () => {
  const { address, sources } = await open();
  const before = { ...places.cdn(address), credential: "password" as const };
  expect(keepsCredential(sources, before, places.cdn(`${address}/other`))).toBe(true);
  expect(keepsCredential(sources, before, places.gitea(address))).toBe(true);
  expect(keepsCredential(sources, before, places.cdn("https://other.example"))).toBe(false);
  const gitlab: RegistryFields = { name: "g", provider: "gitlab", url: `${address}/o/r`, ref: "main" };
  expect(keepsCredential(sources, before, gitlab)).toBe(false);
});
