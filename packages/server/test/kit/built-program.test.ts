import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";

const program = path.resolve(import.meta.dirname, "../../bin/hitagi.js");

const SOURCE = `import { shout } from "shouting";

export default {
  namespace: "bug", type: "script", name: "Bug", version: "1.0.0", author: "me", description: "Throws.",
  run: ({ arg }) => {
    throw new Error(shout("no"));
  },
};
`;

test("the built program names the line of the source of a bundled plugin that throws", async () => {
  const folder = await tempFolder();
  const modules = path.join(folder, "node_modules", "shouting");
  await mkdir(modules, { recursive: true });
  await writeFile(
    path.join(modules, "package.json"),
    '{ "name": "shouting", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  );
  await writeFile(path.join(modules, "index.js"), "export const shout = (text) =>\n  text.toUpperCase();\n");
  await writeFile(path.join(folder, "bug.ts"), SOURCE);
  const stdout = await new Promise<string>((resolve) =>
    execFile(process.execPath, [program, "dev", "bug.ts", "--once", "--json"], { cwd: folder }, (_, out) =>
      resolve(out),
    ),
  );
  const [{ failure }] = JSON.parse(stdout).runs;
  expect(failure).toMatchObject({
    message: expect.stringContaining("NO"),
    place: { file: "bug.ts", line: 6 },
  });
});
