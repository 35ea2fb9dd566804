// `npm pack` and `npm publish` run this before and after. The program is bundled with nearly all of its libraries, as the
// lock has them, so the package asks only for those that are not in the bundle: its package.json says so while it is packed.
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bundle, external, root } from "./build.mjs";

const folder = path.join(root, "packages", "server");
const [manifest, kept] = ["package.json", ".package.json.kept"].map((name) => path.join(folder, name));
const borrowed = ["README.md", "LICENSE"];

/** Also at the beginning: a pack that was killed could not put back what it had changed. */
const putBack = () => {
  if (existsSync(kept)) renameSync(kept, manifest);
  for (const name of borrowed) rmSync(path.join(folder, name), { force: true });
};

/** What the published package says of itself. */
const published = ({ dependencies, devDependencies: _, scripts: __, ...rest }) => ({
  ...rest,
  dependencies: Object.fromEntries(Object.entries(dependencies).filter(([name]) => external.includes(name))),
});

putBack();
if (process.argv[2] === "before") {
  // Programs for development share chunks with the others: built without them, those are gone, so they go too.
  rmSync(path.join(folder, "dist"), { recursive: true, force: true });
  await bundle({ dev: false });
  copyFileSync(manifest, kept);
  for (const name of borrowed) copyFileSync(path.join(root, name), path.join(folder, name));
  writeFileSync(manifest, `${JSON.stringify(published(JSON.parse(readFileSync(kept, "utf8"))), null, 2)}\n`);
}
