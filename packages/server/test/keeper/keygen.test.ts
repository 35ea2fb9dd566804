import { stat } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { ORIGIN, openKeysWorld } from "./keys-world.ts";

const keygen = ["registry", "keygen", "--origin", ORIGIN, "--out", "key"];

/** A terminal in which a person copies the shown words to paper, and types what `typed` makes of them. */
const terminal = (typed: (words: string) => string) => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  let err = "";
  let words = "";
  const answers: [after: string, answer: () => string][] = [
    ["Press Enter when they are on paper. ", () => ""],
    ["Type the words from the paper: ", () => typed(words)],
    ["A passphrase for the signing key: ", () => "open sesame"],
    ["The same again: ", () => "open sesame"],
    ["Passphrase of the key: ", () => "open sesame"],
  ];
  const stderr = {
    isTTY: true,
    write: (text: string) => {
      err += text;
      const [, list = ""] = text.split("\n\n");
      const shown = [...list.matchAll(/\d+ ([a-z]+)/g)].map(([, word]) => word);
      if (shown.length === 24) words = shown.join(" ");
      const [, answer] = answers.find(([after]) => text === after) ?? [];
      if (answer) stdin.write(`${answer()}\n`);
    },
  };
  return { stdin, stderr, shown: () => err, words: () => words };
};

describe("hitagi registry keygen", () => {
  it("writes both keys to files that only their owner reads, and asks nothing", async () => {
    const { folder, keygen, read } = await openKeysWorld();
    const { code, json } = await keygen("key", "paper", "--json");
    expect([code, json.origin, json.key, json.recovery]).toEqual([0, ORIGIN, "key", "paper"]);
    expect(json.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(json.words.split(" ")).toHaveLength(12);
    for (const file of ["key", "paper"])
      expect((await stat(path.join(folder, file))).mode & 0o777).toBe(0o600);
    const [mark, origin, words] = (await read("paper")).split("\n");
    expect([mark, origin, words?.split(" ").length]).toEqual(["hitagi-recovery-key/v1", ORIGIN, 24]);
    expect(await read("key")).toMatch(
      /^hitagi-signing-key\/v1\nexample\.org\/plugins\nepoch 1\nkey signing .*\nkey recovery .*\ncertified .*\nsecret plain .*\n$/,
    );
  });

  it("runs with --recovery-out where CI is set too", async () => {
    const { run } = await openKeysWorld();
    const { code } = await run([...keygen, "--recovery-out", "paper"], { env: { CI: "true" } });
    expect(code).toBe(0);
  });

  it("overwrites no file", async () => {
    const { keygen, read } = await openKeysWorld();
    await keygen();
    const before = await read("key");
    for (const files of [
      ["key", "other"],
      ["other", "paper"],
    ]) {
      const { code, err } = await keygen(...files);
      expect([code, err]).toEqual([2, expect.stringContaining("exists already")]);
    }
    expect(await read("key")).toBe(before);
    await expect(read("other")).rejects.toThrow("ENOENT");
  });

  it.each(["Example.org", "a b", "", "x".repeat(201)])("refuses the name %j", async (origin) => {
    const { run } = await openKeysWorld();
    const argv = ["registry", "keygen", "--origin", origin, "--out", "key", "--recovery-out", "paper"];
    const { code, err } = await run(argv);
    expect([code, err]).toEqual([1, expect.stringContaining("is not the name of a registry")]);
  });

  it("shows the words once, and makes the key when they are typed back", async () => {
    const { run, read } = await openKeysWorld();
    const { stdin, stderr, shown, words } = terminal((all) => `  ${all.toUpperCase()} `);
    const { code } = await run(keygen, { stdin, stderr, env: {} });
    expect([code, words().split(" ").length]).toEqual([0, 24]);
    const cleared = shown().indexOf("\u001b[2J");
    expect(cleared).toBeGreaterThan(shown().indexOf(words().split(" ")[23] ?? "none"));
    expect(await read("key")).not.toContain(words());
  });

  it("makes no key if other words are typed three times", async () => {
    const { run, read } = await openKeysWorld();
    const { stdin, stderr, shown } = terminal((all) => all.split(" ").reverse().join(" "));
    const { code, err } = await run(keygen, { stdin, stderr: { ...stderr }, env: {} });
    expect([code, err]).toEqual([1, ""]);
    expect(shown().match(/These are other words/g)).toHaveLength(3);
    await expect(read("key")).rejects.toThrow("ENOENT");
  });

  it.each([
    ["where CI is set", { CI: "1" }, true, "are not shown where CI is set"],
    ["without a terminal", {}, false, "are shown in a terminal only"],
  ])("shows no words %s", async (_, env, isTTY, reason) => {
    const { run, read } = await openKeysWorld();
    const { stdin, stderr } = terminal((all) => all);
    let err = "";
    const writes = { isTTY, write: (text: string) => (err += text) };
    const { code } = await run(keygen, { stdin, stderr: isTTY ? writes : { ...stderr, ...writes }, env });
    expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
    await expect(read("key")).rejects.toThrow("ENOENT");
  });
});

describe("a signing key with a passphrase", () => {
  it("signs with the passphrase from a file, the environment or the terminal, and with no other", async () => {
    const { keygen, publish, sign, run, write, read } = await openKeysWorld();
    await write("secret", "open sesame\n");
    await keygen("key", "paper", "--passphrase-file", "secret");
    expect(await read("key")).toMatch(/\nsecret scrypt-17-8-1-aes-256-gcm \S+ \S+ \S+\n$/);
    await publish("1.0.0");
    const argv = ["registry", "sign", "mine", "--key", "key", "--dry-run"];
    expect((await sign("--passphrase-file", "secret", "--dry-run")).code).toBe(0);
    expect((await run(argv, { env: { HITAGI_SIGNING_PASSPHRASE: "open sesame" } })).code).toBe(0);
    const { stdin, stderr } = terminal((all) => all);
    expect((await run(argv, { stdin, stderr })).code).toBe(0);
    const wrong = await run(argv, { env: { HITAGI_SIGNING_PASSPHRASE: "Open sesame" } });
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("does not open this key")]);
    const none = await run(argv);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining("--passphrase-file")]);
  });

  it("is refused if a word before the secret was changed", async () => {
    const { keygen, publish, run, read, write } = await openKeysWorld();
    await write("secret", "open sesame");
    await keygen("key", "paper", "--passphrase-file", "secret");
    await publish("1.0.0");
    await keygen("other", "other-paper", "--passphrase-file", "secret");
    const [head, secret] = [await read("other"), await read("key")];
    await write("mixed", head.replace(/secret .*\n/, secret.slice(secret.indexOf("secret "))));
    const { code } = await run(["registry", "sign", "mine", "--key", "mixed", "--passphrase-file", "secret"]);
    expect(code).toBe(1);
  });

  it("is asked for twice in a terminal", async () => {
    const { run, read } = await openKeysWorld();
    const { stdin, stderr, shown } = terminal((all) => all);
    const { code } = await run([...keygen, "--passphrase"], { stdin, stderr, env: {} });
    expect(code).toBe(0);
    expect(await read("key")).toContain("secret scrypt-");
    expect(shown()).not.toContain("open sesame");
  });
});
