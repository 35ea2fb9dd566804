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

const exportSet = async (
  session: Session,
  file: string = LOCKFILE,
  options: { yes?: boolean },
): Promise<void> => {
  const { io } = session;
  const { lock } = await session.client.exportSet({});
  const text = `${JSON.stringify(lock, null, 2)}\n`;
  if (file === "-") return void io.stdout.write(text);
  const place = path.resolve(io.cwd, file);
  // Another server's lock file, or a change by hand, looks like one of this server, and only the server's own can be written again.
  const kind = "what this server has now";
  await agreeToReplace(io, place, { shown: file, kind, isOwn: (there) => there === text }, options);
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
    .option("-y, --yes", "replace a file that has something else")
    .runRemote(exportSet);
};
