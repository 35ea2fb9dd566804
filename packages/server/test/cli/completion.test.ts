import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { type Shell, scripts } from "../../src/cli/completion/scripts.ts";
import { type Kept, serveStocked } from "../backup/backup-world.ts";
import { bundleScript } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { runCaptured } from "./cli-world.ts";

const run = promisify(execFile);
const installed = (shell: string) =>
  ["/bin", "/usr/bin", "/usr/local/bin"].some((f) => existsSync(path.join(f, shell)));

const complete = async (words: string[], kept?: Kept): Promise<string[]> => {
  const env = kept
    ? { HITAGI_SERVER: kept.server.address, HITAGI_DATA: kept.data }
    : { HITAGI_SERVER: "http://127.0.0.1:9" };
  const { code, out, err } = await runCaptured(["complete", "--", ...words], { env });
  expect([code, err]).toEqual([0, ""]);
  return out
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t")[0] ?? "");
};

describe("suggestions", () => {
  it.each([
    [["inst"], ["install"]],
    [
      ["registry", "re"],
      ["refresh", "recover", "remove"],
    ],
    [["install", "x", "--ver"], ["--version"]],
    [["search", "--type", "me"], ["metadata"]],
    [["search", "--type=me"], ["--type=metadata"]],
    [["search", "--type", "=", "me"], ["metadata"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["--server", "http://127.0.0.1:9", "regi"], ["registry"]],
    [["sideload", ""], [":files"]],
    [["check", ""], [":files"]],
    [["port", "A.pm", ""], [":files"]],
    [["dev", "a.ts", "--archive", "a.cbz", ""], [":files"]],
    [["library", "remove", ""], []],
    [["grant", "tag-database", "--read", "/srv/t"], [":files"]],
    [["grant", "tag-database", "--read", "/srv/tags.db", "/srv/o"], [":files"]],
    [
      ["grant", "tag-database", "--read", "/srv/tags.db", "--no"],
      ["--no-read", "--none"],
    ],
    [
      ["grant", "tag-database", "--read", "/srv/tags.db", "--library", "r"],
      ["read", "read+add"],
    ],
    [["serve", "--data"], ["--data"]],
    [["list", "--data", ""], [":folders"]],
    [["nonsense", "x", "y"], []],
    [["run", "comic"], []],
  ])("%j: %j", async (words, expected) => {
    expect(await complete(words)).toEqual(expected);
  });

  it("include every visible command and no hidden one", async () => {
    const all = await complete([""]);
    expect(all).toEqual(expect.arrayContaining(["serve", "backup", "doctor", "completion", "help"]));
    expect(all).not.toContain("complete");
  });

  it("include the server's plugins, registries and keys, and nothing if the key is wrong", async () => {
    const kept = await serveStocked();
    await kept.run("key", "add", "script", "--scope", "read");
    expect(await complete(["uninstall", "o"], kept)).toEqual(["one"]);
    expect(await complete(["install", "t"], kept)).toEqual(["three", "two"].sort());
    expect(await complete(["registry", "refresh", ""], kept)).toEqual(["registry"]);
    expect(await complete(["install", "one", "--registry", "reg"], kept)).toEqual(["registry"]);
    expect(await complete(["key", "revoke", ""], kept)).toEqual(["script"]);
    expect(await complete(["uninstall", "--key", "wrong", "o"], kept)).toEqual([]);
  });
});

/** How each shell is asked for what it would offer after these words. */
const asked: Record<Shell, (words: string[], script: string, until: string) => string[]> = {
  bash: (words, script) => [
    "--norc",
    "-c",
    `source ${script}; COMP_WORDS=(hitagi ${words.map((w) => `"${w}"`).join(" ")}); COMP_CWORD=${words.length}; _hitagi; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  fish: (words, script) => ["--no-config", "-c", `source ${script}; complete -C "hitagi ${words.join(" ")}"`],
  // A terminal of its own, in which TAB lists what there is. A TAB that arrives before the line editor reads may be lost,
  // so it is sent again; a wait in `zselect`, in hundredths of a second, leaves the processor to the completion.
  zsh: (words, script, until) => [
    "-fc",
    `zmodload zsh/zpty zsh/zselect; zpty -b z zsh -f -i
zpty -w z 'PS1=; stty columns 200; autoload -U compinit; compinit -D; zstyle ":completion:*" list-prompt ""; LISTMAX=1000; setopt auto_list no_list_ambiguous; source ${script}; print -r -- rea""dy'
seen= part=
until [[ $seen = *ready* ]]; do zselect -t 5; zpty -rt z part && seen+=$part; done
zpty -w -n z 'hitagi ${words.join(" ")}'
seen= n=0
until [[ $seen = *${until}* ]]; do
  (( n++ % 30 )) || zpty -w -n z $'\t'
  zselect -t 5; while zpty -rt z part; do seen+=$part; done
done
print -r -- "$seen"; zpty -d z`,
  ],
};

describe.each(["bash", "zsh", "fish"] as const)("%s", (shell) => {
  let folder: string;
  let main: string;
  beforeAll(() => {
    main = path.resolve(import.meta.dirname, "../../src/cli/main.ts");
  });

  const offered = async (words: string[], until: string): Promise<string> => {
    folder = await tempFolder();
    const program = path.join(folder, "hitagi");
    await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${await bundleScript(main)}" "$@"\n`);
    await chmod(program, 0o755);
    const script = path.join(folder, "script");
    await writeFile(script, scripts[shell]);
    await writeFile(path.join(folder, "a-file.ts"), "");
    const env = {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      HOME: folder,
      HITAGI_SERVER: "http://127.0.0.1:9",
      TERM: "dumb",
    };
    const { stdout } = await run(shell, asked[shell](words, script, until), {
      cwd: folder,
      env,
      timeout: 150_000,
    });
    return stdout;
  };

  it.skipIf(!installed(shell))("completes commands", async () => {
    const out = await offered(["registry", "re"], "remove");
    expect(out).toMatch(/refresh/);
    expect(out).toMatch(/remove/);
    expect(out).not.toMatch(/default/);
  });

  it.skipIf(!installed(shell))("completes files for a file argument", async () => {
    expect(await offered(["sideload", "a-"], "file.ts")).toContain("file.ts");
  });

  it("uses the script that the command prints", async () => {
    expect((await runCaptured(["completion", shell])).out).toBe(scripts[shell]);
  });
});
