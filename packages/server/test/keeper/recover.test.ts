import { cp, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { judgeHead, verifyHead } from "@hitagi/trust";
import { describe, expect, it } from "vitest";
import { httpServer } from "../support/http-server.ts";
import { ORIGIN, openKeysWorld } from "./keys-world.ts";

/** A registry that is signed with two versions. */
const openSigned = async () => {
  const world = await openKeysWorld();
  await world.keygen();
  await world.publish("1.0.0", "1.1.0");
  await world.sign();
  return { ...world, head: async () => verifyHead(await readFile(path.join(world.mine, "registry.head"))) };
};

describe("hitagi registry recover", () => {
  it("begins an epoch that owners' servers take, with a new key that signs from then on", async () => {
    const { folder, head, recover, run, publish, verify } = await openSigned();
    const before = await head();
    const { json: identity } = await verify("--json");
    const { code, json } = await recover("--json");
    expect([code, json]).toEqual([
      0,
      { origin: ORIGIN, epoch: 2, sequence: 1, dryRun: false, changes: [], replaced: [], key: "new-key" },
    ]);
    const after = await head();
    expect(judgeHead(after, before)).toBe("new-epoch");
    expect(after.signing[0]?.text).not.toBe(before.signing[0]?.text);
    expect((await verify("--fingerprint", identity.fingerprint)).code).toBe(0);
    expect((await stat(path.join(folder, "new-key"))).mode & 0o777).toBe(0o600);
    await publish("1.0.0", "1.1.0", "1.2.0");
    const old = await run(["registry", "sign", "mine", "--key", "key", "--json"]);
    expect(old.json.code).toBe("HEAD_ROLLED_BACK");
    const signed = await run(["registry", "sign", "mine", "--key", "new-key", "--json"]);
    expect(signed.json).toMatchObject({ epoch: 2, sequence: 2 });
  });

  it("writes nothing with --dry-run, not even a key", async () => {
    const { head, recover, read } = await openSigned();
    const before = await head();
    const { out } = await recover("--dry-run");
    expect(out).toMatch(/^Would begin epoch 2 of /);
    expect((await head()).sha256).toBe(before.sha256);
    await expect(read("new-key")).rejects.toThrow("ENOENT");
  });

  it("takes the words in a terminal, and from a file without the mark", async () => {
    const { run, read, write } = await openSigned();
    const words = (await read("paper")).split("\n")[2] ?? "";
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    stdin.write(`${words.toUpperCase()}\n`);
    const argv = ["registry", "recover", "mine", "--out", "new-key"];
    const typed = await run(argv, { stdin, stderr: { isTTY: true, write: () => true } });
    expect([typed.code, typed.err]).toEqual([0, ""]);
    await write("words", words.replaceAll(" ", "\n"));
    const fromFile = await run([...argv.slice(0, -1), "third-key", "--recovery", "words", "--json"]);
    expect(fromFile.json.epoch).toBe(3);
    const missing = await run([...argv.slice(0, -1), "fourth-key"]);
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining("--recovery")]);
  });

  it.each([
    ["two words exchanged", (words: string[]) => [words[1], words[0], ...words.slice(2)].join(" ")],
    ["a word that is none", (words: string[]) => ["hitagi", ...words.slice(1)].join(" ")],
    ["a word too few", (words: string[]) => words.slice(1).join(" ")],
  ])("refuses %s", async (_, changed) => {
    const { read, write, recover, head } = await openSigned();
    const before = await head();
    const words = ((await read("paper")).split("\n")[2] ?? "").split(" ");
    // The words of a seed may be exchanged without a trace only if they are the same word.
    await write("paper", changed(words));
    const { code, err } = await recover();
    expect([code, err]).toEqual([1, expect.stringContaining("not the 24 words of a recovery key")]);
    expect((await head()).sha256).toBe(before.sha256);
  });

  it("refuses the words of another registry", async () => {
    const { keygen, run } = await openSigned();
    await keygen("other", "other-paper");
    const { json } = await run([
      ...["registry", "recover", "mine", "--recovery", "other-paper", "--out", "new-key", "--json"],
    ]);
    expect(json.code).toBe("RECOVERY_KEY_CHANGED");
  });

  it("refuses to write the key into the registry's folder, or over a file", async () => {
    const { run } = await openSigned();
    const argv = ["registry", "recover", "mine", "--recovery", "paper", "--out"];
    const inside = await run([...argv, "mine/new-key"]);
    expect([inside.code, inside.err]).toEqual([1, expect.stringContaining("in the registry's folder")]);
    const over = await run([...argv, "key"]);
    expect([over.code, over.err]).toEqual([2, expect.stringContaining("exists already")]);
  });

  it("says where the registry has moved, in this epoch and the next ones, until it is taken back", async () => {
    const { head, run } = await openSigned();
    const recoverTo = (out: string, ...more: string[]) =>
      run(["registry", "recover", "mine", "--recovery", "paper", "--out", out, ...more]);
    await recoverTo("second", "--moved-to", "https://example.net/plugins");
    await recoverTo("third");
    expect([(await head()).epoch, (await head()).movedTo]).toEqual([3, "https://example.net/plugins"]);
    await recoverTo("fourth", "--no-moved-to");
    expect((await head()).movedTo).toBeUndefined();
    const wrong = await recoverTo("fifth", "--moved-to", "http://example.net", "--json");
    expect([wrong.code, wrong.json.code]).toEqual([1, "HEAD_INVALID"]);
  });
});

describe("after a stolen key", () => {
  it("goes above the highest epoch and the highest number that the thief published", async () => {
    const { mine, folder, recover, head, publish, sign, run } = await openSigned();
    const own = path.join(folder, "own");
    await cp(mine, own, { recursive: true });
    await publish("1.0.0", "1.1.0", ["6.6.6", "by the thief"]);
    await sign();
    const address = path.join(folder, "published");
    await cp(mine, address, { recursive: true });
    const thiefs = await head();
    await rm(mine, { recursive: true });
    await cp(own, mine, { recursive: true });
    const { json } = await recover("--address", address, "--json");
    expect(json.changes).toMatchObject([{ version: "6.6.6", change: "removed" }]);
    expect(judgeHead(await head(), thiefs)).toBe("new-epoch");
    // What the thief published is still there, and does not bind what is published over it.
    await writeFile(path.join(mine, "keeper.json"), JSON.stringify({ address, publish: address }));
    const published = await run(["registry", "publish", "mine", "--key", "new-key"]);
    expect([published.code, published.err]).toEqual([0, expect.stringContaining("Copied 3 files")]);
    expect(verifyHead(await readFile(path.join(address, "registry.head")))).toMatchObject({ epoch: 2 });
    await publish("1.0.0", "1.1.0", "1.2.0");
    const next = await run(["registry", "sign", "mine", "--key", "new-key", "--address", address, "--json"]);
    expect([next.code, next.json.changes]).toMatchObject([0, [{ version: "1.2.0", change: "added" }]]);
  });

  it("counts from the epoch that the keeper names, if no head says it", async () => {
    const { mine, recover, head } = await openSigned();
    await rm(path.join(mine, "registry.head"));
    const unknown = await recover("--origin", ORIGIN);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("--epoch")]);
    const nameless = await recover("--epoch", "4");
    expect([nameless.code, nameless.err]).toEqual([1, expect.stringContaining("--origin")]);
    expect((await recover("--origin", ORIGIN, "--epoch", "4")).code).toBe(0);
    expect((await head()).epoch).toBe(5);
  });

  it("asks an owner's server for the highest epoch that it accepted", async () => {
    const { run, verify, head } = await openSigned();
    const { json } = await verify("--json");
    const trust = { state: "signed", warnings: [], evidence: 0, required: false };
    const known = { ...trust, origin: ORIGIN, fingerprint: json.fingerprint, epoch: 7 };
    const other = { ...trust, origin: "example.org/other", fingerprint: "ab".repeat(32), epoch: 99 };
    const registries = [known, other].map((one, n) => ({
      ...{ id: `REG_000000000${n}`, name: `Registry ${n}`, provider: "cdn", trust: one },
    }));
    const address = await httpServer(({ url = "" }, response) => {
      response.setHeader("content-type", "application/json");
      const isPlugins = url.includes("/plugins");
      response.end(JSON.stringify(isPlugins ? { total: 0, page: 1, size: 200, items: [] } : { registries }));
    });
    const { code } = await run([
      ...["registry", "recover", "mine", "--recovery", "paper", "--out", "new-key"],
      ...["--ask-server", "--server", address],
    ]);
    expect([code, (await head()).epoch]).toEqual([0, 8]);
  });

  it("refuses to begin an epoch if the head is damaged in the folder", async () => {
    const { mine, recover } = await openSigned();
    await writeFile(path.join(mine, "registry.head"), "hitagi-head/v1\nspoiled\n");
    const { json } = await recover("--json");
    expect([json.code, json.hint]).toEqual(["HEAD_INVALID", expect.stringContaining("Restore")]);
  });
});

describe("a folder whose head is gone", () => {
  it("is not signed anew as head 1, nor published without a signature, and both say what to do", async () => {
    const { mine, sign, run, publish } = await openSigned();
    await rm(path.join(mine, "registry.head"));
    await publish("1.0.0", "1.1.0", "1.2.0");
    for (const argv of [
      ["sign", "mine", "--key", "key"],
      ["publish", "mine", "--to", "public"],
    ]) {
      const { code, json } = await run(["registry", ...argv, "--json"]);
      expect([code, json.code, json.hint]).toEqual([
        1,
        "SIGNATURE_MISSING",
        expect.stringContaining("--origin and --epoch"),
      ]);
    }
    await rm(path.join(mine, "registry.versions.json"));
    expect((await sign()).code).toBe(0);
  });
});

describe("after a fork", () => {
  it("begins an epoch that follows both heads", async () => {
    const { mine, folder, publish, sign, recover, head } = await openSigned();
    const other = path.join(folder, "other");
    await cp(mine, other, { recursive: true });
    await publish("1.0.0", "1.1.0", "1.2.0");
    await sign();
    const one = await head();
    await rm(mine, { recursive: true });
    await cp(other, mine, { recursive: true });
    await publish("1.0.0", "1.1.0", "1.3.0");
    await sign();
    const two = await head();
    expect(() => judgeHead(one, two)).toThrow("another head 2");
    await recover();
    expect([judgeHead(await head(), one), judgeHead(await head(), two)]).toEqual(["new-epoch", "new-epoch"]);
  });
});
