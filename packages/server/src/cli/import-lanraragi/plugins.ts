import { ApiError, type InstalledPlugin, type OfferedDetail } from "@hitagi/contract";
import { type Move, step } from "./move.ts";
import type { LanraragiPlugin, LanraragiProvenance } from "./types.ts";

const isComplete = ({ version, registry, sha256 }: LanraragiProvenance): boolean =>
  version !== "" && registry !== "" && sha256 !== "";

const offersOf = async ({ client }: Move, namespace: string): Promise<OfferedDetail[]> => {
  try {
    return (await client.getAvailable({ params: { namespace } })).offers;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
};

/** Why a registry does not offer the very file that is installed there; undefined where it does. */
const missing = (
  { version, sha256 }: LanraragiProvenance,
  offers: OfferedDetail[],
  registry: string,
): string | undefined => {
  const versions = offers.find((offer) => offer.registry === registry)?.versions ?? [];
  const same = versions.find((one) => one.version === version);
  if (same?.sha256.toLowerCase() === sha256.toLowerCase()) return undefined;
  if (same) return `its registry's ${version} is another file now (another SHA-256)`;
  if (versions.length === 0) return "its registry offers it no more";
  return `its registry offers ${version} no more, but ${versions.map((one) => one.version).join(", ")}`;
};

/** Installs the version that is there, if its registry still has exactly that. */
const install = async (move: Move, namespace: string, from: LanraragiProvenance): Promise<void> => {
  const registry = move.registries.get(from.registry);
  if (registry === undefined) {
    const note = "its registry is gone, there or here; install it from another with `hitagi install`";
    return move.tell("plugin", namespace, "not done", note);
  }
  const { id, name } = registry;
  const gone = id === undefined ? undefined : missing(from, await offersOf(move, namespace), id);
  if (gone !== undefined) {
    const note = `${gone}; \`hitagi install ${namespace}\` takes the newest of all registries`;
    return move.tell("plugin", namespace, "not done", note);
  }
  if (!move.apply) move.planned.add(namespace);
  const unsure = id === undefined ? ", if the registry still offers it" : "";
  const off =
    from.path.endsWith(".pm") && move.perlOff ? "; this server must be started with --perl first" : "";
  const note = `${from.version} from ${name}${unsure}${off}`;
  await step(move, { what: "plugin", name: namespace, note }, async () => {
    const body = { namespace, registry: id ?? "", version: from.version };
    const { job } = await move.client.installPlugin({ body });
    await move.result(job);
    const { plugin } = await move.client.getInstalled({ params: { namespace } });
    move.installed.set(namespace, plugin);
  });
};

const isSame = (from: LanraragiProvenance, here: InstalledPlugin): boolean =>
  here.sha256?.toLowerCase() === from.sha256.toLowerCase();

const already = (move: Move, from: LanraragiProvenance, here: InstalledPlugin): void => {
  const { namespace, version, origin } = here;
  const note =
    origin === "managed"
      ? `${version} is installed here, and stays; there it is ${from.version}`
      : `a ${origin} plugin of that namespace is here, and stays`;
  if (isSame(from, here)) move.tell("plugin", namespace, "there", version);
  else move.tell("plugin", namespace, "not done", note);
};

/** Whether there is anything of a plugin that an owner would miss. */
const matters = ({ named, positional, flags }: LanraragiPlugin): boolean =>
  [...Object.values(named), ...positional].some((value) => value !== "" && value !== null && value !== "0") ||
  flags.enabled === true ||
  flags.hidden === true ||
  (flags.priority ?? 0) !== 0;

/** Installs the plugins that a registry installed there, at the same version. */
export const movePlugins = async (move: Move): Promise<void> => {
  for (const plugin of move.foreign.plugins) {
    const { namespace, installed: from } = plugin;
    const here = move.installed.get(namespace);
    if (from === undefined) {
      if (here !== undefined || !matters(plugin)) continue;
      const note =
        "no plugin of that namespace is here, and no registry installed it there (builtin or sideloaded): install one or `hitagi sideload` its file, then import again";
      move.tell("plugin", namespace, "not done", note);
    } else if (here !== undefined) already(move, from, here);
    else if (isComplete(from)) await install(move, namespace, from);
    else move.tell("plugin", namespace, "not done", "its record there is not complete");
  }
};
