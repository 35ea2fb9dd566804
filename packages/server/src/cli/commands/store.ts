import path from "node:path";
import { readConfig } from "../../config/config.ts";
import { checkStore } from "../../config/locations.ts";
import { readAuthorities, readNetwork } from "../../config/network.ts";
import { parseRedisAddress } from "../../store/redis/address.ts";
import type { Moved } from "../../store-copy/move.ts";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { copyProgress, kindNames } from "../progress-line.ts";
import type { Lines } from "../safe-text.ts";
import type { Printer } from "../session.ts";
import { type Columns, table } from "../table.ts";

interface CopyOptions {
  data?: string;
  again?: boolean;
  withoutBytes?: boolean;
}

const SQLITE = "sqlite:";

const refusePassword = (address: string): void => {
  const parsed = parseRedisAddress(address);
  if ("fault" in parsed || !parsed.options.password) return;
  throw new UsageError(
    "The address contains a password, which process lists show.",
    "Put the address into an environment variable and name that instead: env:HITAGI_STORE.",
  );
};

/**
 * A store's address, or the one in the variable of `env:NAME`. Paths are relative to the working directory.
 * @throws UsageError, HitagiError CONFIG_INVALID
 */
const placeOf = (io: Io, text: string, what: string): string => {
  const variable = /^env:(\w+)$/.exec(text)?.[1];
  const place = variable === undefined ? text : (io.env[variable] ?? "");
  if (variable !== undefined && place === "")
    throw new UsageError(`The variable ${variable} is not set.`, "Set it to the address of a store.");
  if (variable === undefined) refusePassword(place);
  checkStore(place, what);
  return place.startsWith(SQLITE) ? `${SQLITE}${path.resolve(io.cwd, place.slice(SQLITE.length))}` : place;
};

/** Characters of a hash in the table; JSON has all of them. */
const SHOWN = 16;

const columns: Columns<Moved["kinds"][number]> = {
  WHAT: ({ kind }) => kindNames[kind],
  COUNT: "count",
  "SHA-256": ({ sha256 }) => sha256.slice(0, SHOWN),
};

const textOf = (io: Io, { kinds, missing, key }: Moved): Lines => {
  const notes = [
    missing > 0 &&
      `${missing} kept versions have no file in either store: a rollback to them needs their registry.`,
    key === "other" &&
      "The target already had another API key, which was kept. It applies unless HITAGI_API_KEY is set.",
  ].filter((note) => note !== false);
  const end =
    "Both stores have the same content. Set HITAGI_STORE to the new one and start the server. Keep the old one until everything works.";
  return [table(io, columns, kinds), "", ...notes, end];
};

const copy = async (
  { io, print }: Printer,
  source: string,
  target: string,
  options: CopyOptions,
): Promise<void> => {
  const [from, to] = [placeOf(io, source, "<from>"), placeOf(io, target, "<to>")];
  const folder = options.data ?? io.env.HITAGI_DATA;
  const data = folder === undefined ? undefined : path.resolve(io.cwd, folder);
  const plugins = io.env.HITAGI_PLUGINS ? path.resolve(io.cwd, io.env.HITAGI_PLUGINS) : undefined;
  // Loaded only here: other commands need no store.
  const [{ moveBetween }, { restoreCopiedPlugins }, { readCachedIndex }, { openShare }] = await Promise.all([
    import("../../store-copy/move.ts"),
    import("../../backup/plugin-files.ts"),
    import("../../catalog/index-check.ts"),
    import("../../artifacts/shares/shares.ts"),
  ]);
  const config = readConfig({}, io.env);
  const share = openShare(config, readNetwork(config));
  const progress = copyProgress(io);
  const moved = await moveBetween(from, to, {
    ...{ data, share, ca: readAuthorities(config), readIndex: readCachedIndex, onStep: progress.onStep },
    onWait: () =>
      io.stderr.write(
        "Another copy used this Redis until just now. Waiting for its lock to expire, at most 12 s.\n",
      ),
    complete: (store) => restoreCopiedPlugins(store, plugins),
    ...{ again: options.again === true, withoutBytes: options.withoutBytes === true },
  }).finally(async () => {
    progress.end();
    await share?.close();
  });
  print(moved, () => textOf(io, moved));
};

/** `hitagi store …`: the stores. */
export const storeCommands = (program: CliCommand): void => {
  const example = "hitagi store copy sqlite:/srv/hitagi/hitagi.db redis://127.0.0.1:6379/2";
  program
    .local("store", "The stores of servers.")
    .examples(example)
    .local(
      "copy <from> <to>",
      "Copy a store to another one, SQLite or Redis, while no server uses either, and compare both. An interrupted copy resumes.",
    )
    .examples(example, "hitagi store copy env:HITAGI_STORE sqlite:/srv/hitagi/hitagi.db")
    .option(
      "--data <folder>",
      "data folder of the server, for the files of kept versions (HITAGI_DATA; default the folder of the SQLite file)",
    )
    .option("--again", "remove an interrupted copy and start over")
    .option("--without-bytes", "copy even if the data folder has none of the kept versions")
    .option("--json", "print the data as JSON")
    .runLocal(copy);
};
