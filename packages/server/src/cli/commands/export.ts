import path from "node:path";
import { LOCKFILE, type Lockfile } from "@hitagi/contract";
import { writeWhole } from "../../disk/write-whole.ts";
import type { CliCommand } from "../command.ts";
import { agreeToReplace } from "../replace-file.ts";
import type { Session } from "../session.ts";

const contents = (lock: Lockfile): string => {
  const [registries, plugins] = [lock.registries, lock.plugins].map((one) => Object.keys(one).length);
  return `${registries} ${registries === 1 ? "registry" : "registries"}, ${plugins} ${plugins === 1 ? "plugin" : "plugins"}`;
};

/** The text of a lock file. */
const textOf = (lock: unknown): string => `${JSON.stringify(lock, null, 2)}\n`;

/** Whether a text is as this command writes it, with no comment or layout of a person. */
const isLock = (text: string): boolean => {
  try {
    const lock: unknown = JSON.parse(text);
    return Object(lock).lockfile === 1 && textOf(lock) === text;
  } catch {
    return false;
  }
};

const exportSet = async (
  session: Session,
  file: string = LOCKFILE,
  options: { yes?: boolean },
): Promise<void> => {
  const { io } = session;
  const { lock } = await session.client.exportSet({});
  const text = textOf(lock);
  if (file === "-") return void io.stdout.write(text);
  const place = path.resolve(io.cwd, file);
  const kind = "a lock file as this command writes it";
  await agreeToReplace(io, place, { shown: file, kind, isOwn: isLock }, options);
  // It holds settings, which not each user of the machine has to read.
  await writeWhole({ file: place, content: text, mode: 0o600 });
  session.print(
    { file: place, lock },
    () =>
      `Wrote ${file}: ${contents(lock)}. It holds no secrets, and of your policies those for fields and tags: \`hitagi backup\` has all.`,
  );
};

/** `hitagi export`. */
export const exportCommand = (program: CliCommand): void => {
  program
    .remote(
      "export [file]",
      `Write the server's registries, with their keys and heads, and plugins, with their hashes, grants, holds, settings and conditions in the chain, the field policy and the tag rules to a lock file; by default ${LOCKFILE}, and - is the standard output. It holds no secrets.`,
    )
    .examples("hitagi export", "hitagi export /media/stick/hitagi.lock")
    .option("-y, --yes", "replace the file also if it is no such lock file")
    .runRemote(exportSet);
};
