import { chmod, chown, mkdir, open, rename, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { restoreBackup } from "../../src/backup/restore.ts";
import { WORK_FOLDERS } from "../../src/backup/server-folders.ts";
import { whileStopped } from "../../src/backup/stopped-server.ts";
import { readConfig } from "../../src/config/config.ts";
import { openStoreCopy } from "../../src/store/store.ts";
import { serveStocked } from "../backup/backup-world.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { OTHER_USER } from "../support/without-root.ts";

test.skipIf(process.getuid?.() !== 0)(
  "root restores into the folder of a user who puts a link into the unpacked backup: the link's target stays root's",
  async () => {
    const kept = await serveStocked();
    const file = path.join(kept.folder, "all.tar.gz");
    expect((await kept.run("backup", file)).code).toBe(0);
    await kept.server.stop();

    const folder = await tempFolder();
    await chmod(folder, 0o755);
    const [data, secrets] = [path.join(folder, "data"), path.join(folder, "of-root")];
    await mkdir(data);
    await chown(data, OTHER_USER, OTHER_USER);
    await mkdir(secrets);
    await writeFile(path.join(secrets, "shadow"), "root's", { mode: 0o600 });
    /** What the user does when a watch of the folder shows that the files are unpacked. */
    const replaceUnpacked = async (): Promise<void> => {
      const unpacked = path.join(data, WORK_FOLDERS.restore, "data");
      await rename(path.join(unpacked, "artifacts"), path.join(data, "taken"));
      await symlink(secrets, path.join(unpacked, "artifacts"));
    };

    const backup = await open(file);
    let isReplaced = false;
    await whileStopped(readConfig({ data }, {}), async (deps) => {
      const openCopy = async (copy: string) => {
        // The restore opens its copy more than once.
        if (!isReplaced) await replaceUnpacked();
        isReplaced = true;
        return openStoreCopy(copy);
      };
      const { manifest } = await restoreBackup({ ...deps, openCopy }, backup, { force: true, by: "cli" });
      expect(manifest.files.length).toBeGreaterThan(0);
    }).finally(() => backup.close());

    for (const name of ["", "shadow"])
      expect(await stat(path.join(secrets, name)), name).toMatchObject({ uid: 0, gid: 0 });
  },
);
