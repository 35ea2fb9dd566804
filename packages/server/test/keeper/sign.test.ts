import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { verifyHead } from "@hitagi/trust";
import { describe, expect, it } from "vitest";
import { httpServer } from "../support/http-server.ts";
import { ORIGIN, openKeysWorld } from "./keys-world.ts";

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

const headIn = async (folder: string) => verifyHead(await readFile(path.join(folder, "registry.head")));

/** A registry that is signed with one version. */
const openSigned = async () => {
  const world = await openKeysWorld();
  await world.keygen();
  await world.publish("1.0.0");
  await world.sign();
  return world;
};

describe("hitagi registry sign", () => {
  it("writes a head of the folder's files, and says what is new", async () => {
    const { mine, publish, keygen, sign, verify } = await openKeysWorld();
    const { json: made } = await keygen("key", "paper", "--json");
    await publish("1.0.0");
    const { code, json } = await sign("--json");
    expect([code, json]).toEqual([
      0,
      {
        ...{ origin: ORIGIN, epoch: 1, sequence: 1, signed: true, dryRun: false, detailsChanged: false },
        changes: [{ namespace: "echo", version: "1.0.0", sha256: expect.any(String), change: "added" }],
      },
    ]);
    const head = await headIn(mine);
    expect(head.index).toBe(sha256(await readFile(path.join(mine, "registry.json"))));
    expect([head.details, head.previous, head.renew]).toEqual([undefined, [], undefined]);
    const { json: verified } = await verify("--json");
    expect(verified).toMatchObject({ origin: ORIGIN, fingerprint: made.fingerprint, epoch: 1, sequence: 1 });
  });

  it("counts on, names the heads before, and signs nothing twice", async () => {
    const { mine, publish, sign } = await openSigned();
    const first = await headIn(mine);
    expect((await sign()).out).toBe(`Nothing changed since head 1 of ${ORIGIN}.\n`);
    await publish("1.0.0", "1.1.0");
    expect((await sign()).out).toMatch(/^Signed head 2 .*\n {2}\+ echo 1\.1\.0 \(added\)\n/);
    expect((await headIn(mine)).previous).toEqual([{ sequence: 1, sha256: first.sha256 }]);
    await sign("--renew", "30");
    const third = await headIn(mine);
    expect([third.sequence, Date.parse(third.renew ?? "") - Date.parse(third.time)]).toEqual([
      3,
      30 * 86_400_000,
    ]);
  });

  it("signs the details too, and says that they changed", async () => {
    const { mine, write, sign } = await openSigned();
    await write("mine/registry.details.json", JSON.stringify({ version: 1, name: "Mine", plugins: {} }));
    const { json } = await sign("--json");
    expect(json).toMatchObject({ sequence: 2, changes: [], detailsChanged: true });
    expect((await headIn(mine)).details).toBe(
      sha256(await readFile(path.join(mine, "registry.details.json"))),
    );
  });

  it("writes nothing with --dry-run", async () => {
    const { publish, sign, read } = await openSigned();
    const before = await read("mine/registry.head");
    await publish("1.0.0", "1.1.0");
    const { out } = await sign("--dry-run");
    expect(out).toMatch(/^Would sign head 2 .*\n {2}\+ echo 1\.1\.0 \(added\)\n$/);
    expect(await read("mine/registry.head")).toBe(before);
  });

  it("takes the key from HITAGI_SIGNING_KEY", async () => {
    const { publish, keygen, run, read } = await openKeysWorld();
    await keygen();
    await publish("1.0.0");
    const env = { HITAGI_SIGNING_KEY: await read("key"), CI: "true" };
    expect((await run(["registry", "sign", "mine"], { env })).code).toBe(0);
    const none = await run(["registry", "sign", "mine"]);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining("HITAGI_SIGNING_KEY")]);
  });

  it("keeps git from changing the files, once, after the lines that are there", async () => {
    const { write, keygen, publish, sign, read } = await openKeysWorld();
    await keygen();
    await publish("1.0.0");
    await write("mine/.gitattributes", "* text=auto");
    await sign();
    await publish("1.0.0", "1.1.0");
    await sign();
    expect(await read("mine/.gitattributes")).toBe("* text=auto\nregistry.* -text\n");
  });

  it.each([
    ["a damaged key", "key", "hitagi-signing-key/v1\nnonsense\n"],
    ["a file that is no key", "key", "{}"],
    ["the recovery key", "key", "hitagi-recovery-key/v1\nx\ny\n"],
  ])("refuses %s", async (_, file, text) => {
    const { write, sign } = await openSigned();
    await write(file, text);
    const { code, err } = await sign();
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: .*\nhint: .*\n$/)]);
  });

  it.each(["key", "mine/deep/copy-of-key", "mine/paper.txt"])(
    "refuses a key in the folder: %s",
    async (to) => {
      const { folder, sign, run, read } = await openSigned();
      const before = await read("mine/registry.head");
      await mkdir(path.join(folder, "mine/deep"), { recursive: true });
      const target = to === "key" ? "mine/key" : to;
      await cp(path.join(folder, to.includes("paper") ? "paper" : "key"), path.join(folder, target));
      const { code, err } =
        to === "key"
          ? await run(["registry", "sign", "mine", "--key", "mine/key"])
          : await sign("--renew", "1");
      expect([code, err]).toEqual([1, expect.stringContaining("in the registry's folder")]);
      expect(await read("mine/registry.head")).toBe(before);
    },
  );

  it.each(["registry.json", "registry.details.json"])("refuses carriage returns in %s", async (file) => {
    const { write, sign, read } = await openSigned();
    const text =
      file === "registry.json"
        ? await read("mine/registry.json")
        : JSON.stringify({ version: 1, plugins: {} });
    await write(`mine/${file}`, text.replace("{", "{\r\n"));
    const { code, err } = await sign();
    expect([code, err]).toEqual([1, expect.stringContaining(`${file} has carriage returns`)]);
  });

  it.each([
    ["an index with an error", "registry.json", '{"version":1}', "INDEX_INVALID"],
    ["details with an error", "registry.details.json", '{"version":1}', "DETAILS_INVALID"],
    ["a head that was cut off", "registry.head", "hitagi-head/v1\n", "HEAD_INVALID"],
    ["a head of a later form", "registry.head", "hitagi-head/v2\n\n", "HEAD_INVALID"],
  ])("refuses %s", async (_, file, text, reason) => {
    const { write, sign } = await openSigned();
    await write(`mine/${file}`, text);
    const { code, json } = await sign("--json");
    expect([code, json.code]).toEqual([1, reason]);
  });

  it("refuses a head that was changed", async () => {
    const { read, write, sign } = await openSigned();
    await write("mine/registry.head", (await read("mine/registry.head")).replace("sequence 1", "sequence 9"));
    expect((await sign("--json")).json.code).toBe("SIGNATURE_UNKNOWN");
  });

  it("refuses the key of another registry, also of the same name", async () => {
    const { run, keygen, sign } = await openSigned();
    await keygen("stranger", "stranger-paper");
    const same = await run(["registry", "sign", "mine", "--key", "stranger", "--json"]);
    expect(same.json.code).toBe("RECOVERY_KEY_CHANGED");
    await run([
      ...["registry", "keygen", "--origin", "example.org/others"],
      ...["--out", "other", "--recovery-out", "other-paper"],
    ]);
    const other = await run(["registry", "sign", "mine", "--key", "other", "--json"]);
    expect(other.json.code).toBe("ORIGIN_CHANGED");
    expect((await sign()).code).toBe(0);
  });
});

describe("a version that was signed", () => {
  it.each<[string, (string | [string, string])[], string, RegExp]>([
    ["is gone", ["1.1.0"], "VERSION_REMOVED", /yank echo 1\.0\.0/],
    ["has other bytes", [["1.0.0", "changed"], "1.1.0"], "VERSION_CHANGED", /under a new version/],
  ])("is not signed if it %s", async (_, versions, reason, hint) => {
    const { publish, sign, read } = await openSigned();
    await publish("1.0.0", "1.1.0");
    await sign();
    const before = await read("mine/registry.head");
    await publish(...versions);
    const { code, json } = await sign("--json");
    expect([code, json.code, json.hint]).toEqual([1, reason, expect.stringMatching(hint)]);
    expect(await read("mine/registry.head")).toBe(before);
  });

  it("may be yanked, and is not offered again", async () => {
    const { mine, publish, sign, write } = await openSigned();
    const index = await publish("1.0.0", "1.1.0");
    await sign();
    const sha256 = index.plugins.echo?.versions["1.0.0"]?.sha256;
    const yanked = { "1.0.0": { sha256, reason: "It is wrong.", at: "2026-11-29T12:00:00Z" } };
    const details = JSON.stringify({ version: 1, plugins: { echo: { yanked } } });
    await publish("1.1.0");
    await write("mine/registry.details.json", details);
    const { json } = await sign("--json");
    expect(json.changes).toEqual([{ namespace: "echo", version: "1.0.0", sha256, change: "yanked" }]);
    await publish("1.0.0", "1.1.0");
    await rm(path.join(mine, "registry.details.json"));
    expect((await sign("--json")).json.code).toBe("VERSION_REMOVED");
  });

  it("is asked for if it is not known which there were", async () => {
    const { mine, publish, sign } = await openSigned();
    await rm(path.join(mine, "registry.versions.json"));
    await publish("1.1.0");
    const { code, err } = await sign();
    expect([code, err]).toEqual([1, expect.stringContaining("registry.versions.json is missing")]);
  });
});

describe("what is published", () => {
  const publishTo = async (mine: string, folder: string): Promise<string> => {
    const place = path.join(folder, "published");
    await rm(place, { recursive: true, force: true });
    await cp(mine, place, { recursive: true });
    return place;
  };

  it.each([
    ["the same", async () => {}, undefined],
    [
      "older than the folder",
      async ({ publish, sign }: Awaited<ReturnType<typeof openSigned>>) => {
        await publish("1.0.0", "1.1.0");
        await sign();
      },
      undefined,
    ],
  ])("may be %s", async (_, change, expected) => {
    const world = await openSigned();
    const address = await publishTo(world.mine, world.folder);
    await change(world);
    const { code, json } = await world.sign("--address", address, "--renew", "9", "--json");
    expect([code, json.code]).toEqual([0, expected]);
  });

  it("is not newer than the folder", async () => {
    const { mine, folder, publish, sign } = await openSigned();
    await cp(mine, path.join(folder, "before"), { recursive: true });
    await publish("1.0.0", "1.1.0");
    await sign();
    const address = await publishTo(mine, folder);
    await cp(path.join(folder, "before"), mine, { recursive: true });
    const { code, json } = await sign("--address", address, "--renew", "9", "--json");
    expect([code, json.code]).toEqual([1, "REGISTRY_BEHIND"]);
    expect(json.error ?? json.message).toContain("is published");
    expect(json.hint).toMatch(
      /^If you or your pipeline signed head 2 .* your key is stolen: take nothing from there/,
    );
  });

  it("is no other head of the same number", async () => {
    const { mine, folder, publish, sign } = await openSigned();
    await cp(mine, path.join(folder, "before"), { recursive: true });
    await publish("1.0.0", "1.1.0");
    await sign();
    const address = await publishTo(mine, folder);
    await cp(path.join(folder, "before"), mine, { recursive: true });
    await publish("1.0.0", "1.2.0");
    await sign();
    const { code, json } = await sign("--address", address, "--renew", "9", "--json");
    expect([code, json.code, json.hint]).toEqual([
      1,
      "HEAD_FORKED",
      expect.stringContaining("hitagi registry recover"),
    ]);
  });

  it("is asked for if the folder has no head", async () => {
    const { mine, folder, sign } = await openSigned();
    const address = await publishTo(mine, folder);
    await rm(path.join(mine, "registry.head"));
    expect((await sign("--address", address, "--json")).json.code).toBe("SIGNATURE_MISSING");
    expect((await sign("--offline", "--json")).json.code, "by its own memory").toBe("SIGNATURE_MISSING");
    await rm(path.join(mine, "registry.versions.json"));
    expect((await sign("--address", address, "--json")).json.code).toBe("SIGNATURE_MISSING");
    expect((await sign("--address", address, "--offline", "--json")).json.sequence).toBe(1);
  });

  it("binds a registry that begins to sign, because owners remember its versions", async () => {
    const { mine, folder, publish, keygen, sign } = await openKeysWorld();
    await keygen();
    await publish("1.0.0");
    const address = await publishTo(mine, folder);
    await publish("1.1.0");
    expect((await sign("--address", address, "--json")).json.code).toBe("VERSION_REMOVED");
  });

  it("may be nothing yet, and is not nothing where its server fails", async () => {
    const { folder, sign, write } = await openSigned();
    await mkdir(path.join(folder, "empty"));
    await write("mine/keeper.json", JSON.stringify({ address: path.join(folder, "empty") }));
    const { code, err } = await sign("--renew", "9");
    expect([code, err]).toEqual([0, expect.stringContaining("Nothing is published")]);
    let asked = 0;
    const address = await httpServer((_, response) => {
      asked++;
      response.writeHead(500).end();
    });
    const failing = await sign("--address", address, "--renew", "9", "--json");
    expect([failing.code, failing.json.code]).toEqual([1, "SOURCE_STATUS"]);
    expect(asked).toBeGreaterThan(0);
  });
});

describe("hitagi registry verify", () => {
  it("says the registry's fingerprint, and accepts it as hex and in words", async () => {
    const { verify } = await openSigned();
    const { json } = await verify("--json");
    const { out } = await verify();
    expect(out).toContain(json.words);
    for (const given of [json.fingerprint, json.words, json.words.toUpperCase().replaceAll(" ", "  ")])
      expect((await verify("--fingerprint", given)).code).toBe(0);
    const other = await verify("--fingerprint", "ab".repeat(32), "--json");
    expect([other.code, other.json.code]).toEqual([1, "RECOVERY_KEY_CHANGED"]);
  });

  it.each([
    ["an index that changed", "registry.json", "INDEX_MISMATCH"],
    ["details that were not signed", "registry.details.json", "INDEX_MISMATCH"],
    ["no head", "registry.head", "SIGNATURE_MISSING"],
  ])("refuses %s", async (_, file, reason) => {
    const { mine, verify, read } = await openSigned();
    const text =
      file === "registry.json" ? `${await read("mine/registry.json")} ` : '{"version":1,"plugins":{}}';
    await writeFile(path.join(mine, file), text);
    expect((await verify("--json")).json.code).toBe(reason);
  });

  it("compares the plugin files, and says how many are not there", async () => {
    const { mine, verify, read } = await openSigned();
    const { json } = await verify("--json");
    expect(json).toMatchObject({ files: expect.any(Number), missing: [] });
    const { plugins } = JSON.parse(await read("mine/registry.json"));
    const [{ artifact }] = Object.values<{ artifact: string }>(plugins.echo.versions) as [
      { artifact: string },
    ];
    await appendFile(path.join(mine, artifact), "\n");
    const changed = await verify("--json");
    expect([changed.code, changed.json.code]).toEqual([1, "HASH_MISMATCH"]);
    expect(changed.json.error).toBe(`${artifact} is not the file that was signed.`);
    await rm(path.join(mine, artifact));
    expect((await verify("--json")).json).toMatchObject({ files: json.files, missing: [artifact] });
    expect((await verify()).out).toContain(`1 of its ${json.files} plugin files are not here`);
  });

  it("refuses a folder that is no registry", async () => {
    const { mine, verify } = await openKeysWorld();
    await mkdir(mine, { recursive: true });
    const { code, err } = await verify();
    expect([code, err]).toEqual([1, expect.stringContaining("There is no registry.json")]);
  });
});

describe("hitagi registry check of a signed folder", () => {
  const check = ["registry", "check", "mine", "--no-files"];

  it("says that files are not those that were signed, and that details do not fit", async () => {
    const { run, publish, read, write } = await openSigned();
    expect((await run(check)).code).toBe(0);
    await publish("1.0.0", "1.1.0");
    const unsigned = await run([...check, "--json"]);
    expect([unsigned.code, unsigned.json.faults]).toEqual([
      1,
      [{ path: "registry.head", reason: "registry.json is not the file that was signed." }],
    ]);
    await write("mine/registry.head", `${await read("mine/registry.head")}spoiled`);
    expect((await run([...check, "--json"])).json.faults).toMatchObject([{ path: "registry.head" }]);
    const plugins = { echo: { versions: { "9.9.9": {} } } };
    await write("mine/registry.details.json", JSON.stringify({ version: 1, plugins }));
    expect((await run([...check, "--json"])).json.faults).toEqual([
      {
        path: "registry.details.json#/plugins/echo/versions/9.9.9",
        reason: "is a version that registry.json does not have",
      },
    ]);
  });
});

/** Whether python3 has the package that the program needs. */
const hasPython = (): boolean => {
  try {
    execFileSync("python3", ["-c", "import cryptography"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(!process.env.CI && !hasPython())("a program in Python that follows the page", () => {
  const trust = path.resolve(import.meta.dirname, "../../../trust/test");

  it("verifies the heads that the commands sign", async () => {
    const { mine, publish, sign, recover } = await openSigned();
    const heads = [await readFile(path.join(mine, "registry.head"))];
    await publish("1.0.0", "1.1.0");
    await sign("--renew", "30");
    heads.push(await readFile(path.join(mine, "registry.head")));
    await recover("--moved-to", "https://example.net/plugins");
    heads.push(await readFile(path.join(mine, "registry.head")));
    const answers = execFileSync("python3", [path.join(trust, "verify_head.py")], {
      input: heads.map((head) => `${head.toString("base64")}\n`).join(""),
      encoding: "utf8",
    });
    expect(answers.trimEnd().split("\n")).toEqual(heads.map((head) => `ok ${verifyHead(head).sha256}`));
  });

  it("signs a folder that the command verifies, and goes on from", async () => {
    const { mine, publish, verify, sign, folder, read } = await openKeysWorld();
    await publish("1.0.0");
    const [origin, words] = execFileSync(
      "python3",
      [path.join(trust, "sign_head.py"), ORIGIN, mine, path.join(folder, "key")],
      { encoding: "utf8" },
    ).split("\n");
    const { json } = await verify("--json");
    expect(json).toMatchObject({ origin, fingerprint: words, epoch: 1, sequence: 1 });
    await publish("1.0.0", "1.1.0");
    expect((await sign("--json")).json.code).toBe(null);
    await writeFile(path.join(mine, "registry.versions.json"), JSON.stringify({ version: 1, plugins: {} }));
    expect((await sign("--json")).json).toMatchObject({ epoch: 1, sequence: 2 });
    expect(await read("mine/registry.head")).toContain("previous 1 sha256:");
  });
});
