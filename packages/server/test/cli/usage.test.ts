import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { errorTable, HitagiError } from "@hitagi/contract";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { confirm } from "../../src/cli/confirm.ts";
import { connect, keyFor } from "../../src/cli/connection.ts";
import type { Io } from "../../src/cli/io.ts";
import { logDestination } from "../../src/cli/log-lines.ts";
import { parseRegistryAddress } from "../../src/cli/registry-address.ts";
import { createProgram } from "../../src/cli/run-cli.ts";
import { printed, safeJson } from "../../src/cli/safe-text.ts";
import { type Columns, table } from "../../src/cli/table.ts";
import { readConfig, settingsTable } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { httpServer } from "../support/http-server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { runCaptured } from "./cli-world.ts";

const io: Io = {
  stdout: { write: () => true },
  stderr: { write: () => true },
  stdin: new PassThrough(),
  env: {},
  cwd: tmpdir(),
};

const shown = (parent: Command): Command[] =>
  parent
    .createHelp()
    .visibleCommands(parent)
    .filter((c) => c.name() !== "help");

/** Every command that a person types, with its whole name. */
const commands = (parent: Command = createProgram(io), before: string[] = []): [string, Command][] =>
  shown(parent).flatMap((c) => {
    const name = [...before, c.name()];
    return [[name.join(" "), c] as [string, Command], ...commands(c, name)];
  });

describe("the command line", () => {
  it.each(["", ...commands().map(([name]) => name)])("shows an example in the help of: %s", async (name) => {
    const { code, out } = await runCaptured([...name.split(" ").filter(Boolean), "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^Examples?:\n {2}\$ hitagi /m);
  });

  it("has every command and option that examples and hints of errors name", () => {
    const known = new Map(commands());
    const help = commands().map(([, c]) => c.helpInformation());
    const examples = commands().flatMap(([, c]) => {
      let text = "";
      c.configureOutput({ writeOut: (t) => (text += t) }).outputHelp();
      return [...text.matchAll(/^ {2}\$ (hitagi .+)$/gm)].map((m) => m[1] ?? "");
    });
    const hints = Object.values(errorTable).flatMap(([, , hint]) =>
      [...hint.matchAll(/`(hitagi [^`]+)`/g)].map((m) => m[1] ?? ""),
    );
    expect(help.length).toBeGreaterThan(20);
    expect(hints.length).toBeGreaterThan(10);
    for (const line of [...examples, ...hints]) {
      const words = line.split(" ").slice(1);
      const command = [3, 2, 1].map((n) => known.get(words.slice(0, n).join(" "))).find(Boolean);
      expect(words, line).toContain(command?.name());
      // Every command has --help, which is none of its own options.
      for (const flag of words.filter((w) => w.startsWith("--") && w !== "--help")) {
        expect(
          command?.options.map((o) => o.long),
          line,
        ).toContain(flag);
      }
    }
  });

  it("has each setting of the server as a flag of serve", () => {
    const serve = new Map(commands()).get("serve");
    const flags = serve?.options.map((o) => o.attributeName()).sort();
    expect(flags).toEqual(Object.keys(settingsTable).sort());
    expect(readConfig({ callTimeout: "7" }, {}).callTimeout).toBe(7);
  });

  it.each([
    [["no-such-command"], /unknown command/],
    [["install"], /missing required argument/],
    [["search", "--type", "theme"], /Allowed choices are metadata, download, login, script/],
    [["search", "--page", "0"], /whole number from 1/],
    [["list", "--colour"], /unknown option/],
    [["list", "--server", "nowhere"], /not the address of a server/],
    [["serve", "--port", "70000"], /HITAGI_PORT/],
    [["serve", "--download-hosts", "nas.lan:80:90"], /HITAGI_DOWNLOAD_HOSTS.*with or without a port/],
    [["serve", "--download-hosts", "*.lan:80"], /HITAGI_DOWNLOAD_HOSTS.*with or without a port/],
  ])("exits with 2 for %j", async (argv, words) => {
    const { code, out, err } = await runCaptured(argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(words);
    expect(err).toMatch(/^hint: /m);
  });

  it("names the help of the command that was used wrongly", async () => {
    const hintOf = async (...argv: string[]) => (await runCaptured(argv)).err.match(/^hint: .*$/m)?.[0];
    expect(await hintOf("library", "list", "--colour")).toBe("hint: See `hitagi library list --help`.");
    expect(await hintOf("install")).toBe("hint: See `hitagi install --help`.");
    expect(await hintOf("no-such-command")).toBe("hint: See `hitagi --help`.");
  });

  it("exits with 3 if no server answers", async () => {
    const { code, err } = await runCaptured(["list", "--server", "http://127.0.0.1:1"]);
    expect(code).toBe(3);
    expect(err).toContain("127.0.0.1:1");
    expect(err).toMatch(/^hint: Start one/m);
  });

  it("accepts the options of the connection before and after the command", async () => {
    for (const argv of [
      ["--server", "http://127.0.0.1:1", "job", "list"],
      ["job", "list", "--server", "http://127.0.0.1:1"],
    ]) {
      expect((await runCaptured(argv)).err).toContain("127.0.0.1:1");
    }
  });
});

describe("the connection", () => {
  /** A server that answers with the key that it was sent. */
  const echoing = () =>
    httpServer((request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ name: request.headers.authorization ?? "none" }));
    });
  const sent = async (given: Partial<Io>, options: Parameters<typeof connect>[1]): Promise<string> => {
    const client = await connect({ ...io, ...given }, { ...options, unproven: true });
    const { name } = await client.getInfo({});
    return name === "none" ? name : Buffer.from(name.replace("Bearer ", ""), "base64").toString();
  };

  it("uses the key of the flag, the environment or the data folder, in this order", async () => {
    const server = await echoing();
    const cwd = await tempFolder();
    await mkdir(path.join(cwd, "data"));
    await writeFile(path.join(cwd, "data", "api-key"), "from file\n");
    const env = { HITAGI_API_KEY: "from environment" };
    expect(await sent({ cwd, env }, { server, key: "from flag" })).toBe("from flag");
    expect(await sent({ cwd, env }, { server })).toBe("from environment");
    expect(await sent({ cwd }, { server })).toBe("from file");
    expect(await sent({ cwd: tmpdir() }, { server, data: path.join(cwd, "data") })).toBe("from file");
    expect(await sent({ cwd: path.join(cwd, "data") }, { server })).toBe("none");
  });

  it("sends the data folder's key to another machine only with --data", async () => {
    const cwd = await tempFolder();
    await mkdir(path.join(cwd, "data"));
    await writeFile(path.join(cwd, "data", "api-key"), "mine\n");
    const key = async (server: string, data?: string) =>
      (await keyFor({ ...io, cwd }, new URL(server), data ? { data } : {})).key;
    expect(await key("http://hitagi.example:3000")).toBeUndefined();
    expect(await key("http://127.0.0.1.example")).toBeUndefined();
    expect(await key("http://hitagi.example:3000", "data")).toBe("mine");
    for (const own of ["http://127.0.0.1:1", "http://localhost", "http://[::1]:3000"]) {
      expect(await key(own), own).toBe("mine");
    }
  });
});

describe("output", () => {
  const columns: Columns<{ a: string; b: string }> = { A: "a", B: "b" };

  it("has no control characters of plugins and registries", () => {
    expect(printed("a\u001b[31mb\u0007\u009bc\td\n")).toBe("a[31mbc d ");
    expect(printed(["a\nb", ["c\u2028d"], "e"])).toBe("a b\nc d\ne");
    expect(printed("\u202egnp.exe\u2066a\u2069\u200e\u200f\u061c ü 題")).toBe("gnp.exea ü 題");
    const shown = table(io, { NAME: "name" }, [{ name: "evil\u001b]0;title\u0007\nline" }]);
    expect(printed(shown)).toBe("NAME\nevil]0;title line");
  });

  it("escapes control characters in JSON and keeps the value", () => {
    const value = { a: "\u009b31m\u007f\u0085", "\u0090": ["ü"] };
    const text = safeJson(value);
    expect(text).not.toMatch(/[\u007f-\u009f]/);
    expect(JSON.parse(text)).toEqual(value);
  });

  it("is log lines in a terminal, and JSON elsewhere", () => {
    let shown = "";
    const write = (text: string) => (shown += text);
    const at = (isTTY: boolean) =>
      logDestination({ ...io, env: { NO_COLOR: "1" }, stderr: { write, isTTY } });
    const log = (isTTY: boolean) => createLog("debug", at(isTTY));
    log(true).warn({ plugin: "a-b", reason: "it fell\u001b[2J over", n: 1 }, "a plugin ended");
    expect(shown).toMatch(
      /^\d\d:\d\d:\d\d warn {2}a plugin ended {2}plugin=a-b reason="it fell\\u001b\[2J over" n=1\n$/,
    );
    shown = "";
    log(true).error({ err: new Error("broken\u009b") }, "failed");
    expect(shown).toMatch(/error failed\n +Error: broken\n +at /);
    shown = "";
    const away = new HitagiError("STORE_UNREACHABLE", { reason: "ECONNREFUSED" });
    log(true).warn({ err: away }, away.message);
    expect(shown).toMatch(
      /warn {2}The store cannot be reached: ECONNREFUSED\.\n +hint: Check that Redis runs.*\n$/,
    );
    shown = "";
    log(false).info({ n: 1 }, "ready");
    expect(JSON.parse(shown)).toMatchObject({ level: 30, n: 1, msg: "ready" });
  });

  it("cuts nothing where the output is no terminal and COLUMNS is not set", () => {
    const file = { ...io, env: {}, stdout: { write: () => true } };
    const endless = "x".repeat(1000);
    expect(printed(table(file, columns, [{ a: endless, b: endless }]))).toContain(`${endless}  ${endless}`);
    const lines = printed(table({ ...file, env: { COLUMNS: "50" } }, columns, [{ a: "one", b: endless }]));
    for (const line of lines.split("\n")) expect(line.length).toBeLessThanOrEqual(50);
  });

  it("cuts very long cells in a terminal", () => {
    const endless = "x".repeat(100_000);
    const stdout = { write: () => true, columns: 1000 };
    const lines = table({ ...io, stdout }, columns, [
      { a: endless, b: endless },
      { a: "short", b: "last" },
    ]).map(printed);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(410);
    expect(lines[1]).toContain("…");
    expect(lines[2]).toMatch(/^short +last$/);
  });

  it("has colours and cut lines only in a terminal, and no colours with NO_COLOR", () => {
    const terminal = { ...io, stdout: { write: () => true, isTTY: true, columns: 30 } };
    const rows = [{ a: "one", b: "a description that is much longer than the line" }];
    expect(printed(table(terminal, columns, rows))).toContain("\u001b[1m");
    const quiet = printed(table({ ...terminal, env: { NO_COLOR: "1" } }, columns, rows));
    expect(quiet).not.toContain("\u001b");
    for (const line of quiet.split("\n")) expect(line.length).toBeLessThanOrEqual(30);
    expect(printed(table(io, columns, rows))).toContain("longer than the line");
  });

  it("cuts the widest column too where the last one has no room, but not the one that names the row", () => {
    const stdout = { write: () => true, isTTY: true, columns: 80 };
    const row = {
      id: "0".repeat(40),
      pages: 20,
      title: "A title that is long",
      tags: "a:one, b:two, c:three",
    };
    const archives: Columns<typeof row> = { ID: "id", PAGES: "pages", TITLE: "title", TAGS: "tags" };
    const lines = table({ ...io, env: { NO_COLOR: "1" }, stdout }, archives, [row]).map(printed);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines[1]).toMatch(/^0{40} {2}20 +A title that is … {2}a:one, b:…$/);
  });
});

describe("a registry's source", () => {
  it("is an address or a folder, which may name registry.json itself", async () => {
    const folder = await tempFolder();
    const name = path.basename(folder);
    for (const text of [folder, `${folder}/registry.json`])
      expect(parseRegistryAddress(text, "/")).toBe(folder);
    expect(parseRegistryAddress(`./${name}/registry.json`, path.dirname(folder))).toBe(folder);
    expect(parseRegistryAddress(".", folder)).toBe(folder);
    for (const text of ["https://example.org/comics/", "git@example.org:a/b", "github.com/a/b"]) {
      expect(parseRegistryAddress(text, folder)).toBe(text);
    }
    expect(parseRegistryAddress(` ${folder}\n`, "/")).toBe(folder);
    expect(parseRegistryAddress("\t github.com/a/b ", folder)).toBe("github.com/a/b");
    expect(() => parseRegistryAddress("nothing", folder)).toThrow(/neither a folder/);
  });
});

describe("a confirmation", () => {
  const step = { what: "It may change the library.", ask: "Install it?", does: "install it" };
  const asked = async (answer: string, options: { yes?: boolean } = {}) => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    let err = "";
    const terminal = { ...io, stdin, stderr: { write: (text: string) => (err += text), isTTY: true } };
    stdin.write(`${answer}\n`);
    await confirm(terminal, step, options);
    return err;
  };

  it("continues after yes only", async () => {
    expect(await asked("y")).toContain("Install it? [y/N]");
    await expect(asked("")).rejects.toThrow("Nothing was done.");
    await expect(asked("no")).rejects.toThrow("Nothing was done.");
  });

  it("is not asked with --yes", async () => {
    expect(await asked("no", { yes: true })).toBe("");
  });

  it("needs --yes without a terminal, unless the step can be undone", async () => {
    await expect(confirm(io, step, {})).rejects.toMatchObject({
      message: step.what,
      hint: "Repeat the command with --yes to install it.",
    });
    await expect(confirm(io, step, { yes: true })).resolves.toBeUndefined();
    await expect(confirm(io, { ...step, undo: "hitagi uninstall x" }, {})).resolves.toBeUndefined();
  });
});
