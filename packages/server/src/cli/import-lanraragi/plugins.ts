import { ApiError, type InstalledPlugin, type OfferedDetail, shownVersions } from "@hitagi/contract";
import { type ImportContext, runStep } from "./context.ts";
import type { LanraragiPlugin, LanraragiProvenance } from "./read.ts";
import { refreshOnce } from "./registries.ts";

const isComplete = ({ version, registry, sha256 }: LanraragiProvenance): boolean =>
  version !== "" && registry !== "" && sha256 !== "";

const offersOf = async ({ client }: ImportContext, namespace: string): Promise<OfferedDetail[]> => {
  try {
    return (await client.getAvailable({ params: { namespace } })).offers;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
};

/** Why a registry does not offer the file that LANraragi has installed; undefined if it does. */
const missing = (
  { version, sha256 }: LanraragiProvenance,
  offers: OfferedDetail[],
  registry: string,
): string | undefined => {
  const versions = offers.find((offer) => offer.registry === registry)?.versions ?? [];
  const same = versions.find((one) => one.version === version);
  if (same?.sha256.toLowerCase() === sha256.toLowerCase()) return undefined;
  if (same) return `the file of ${version} in its registry has changed (another SHA-256)`;
  if (versions.length === 0) return "its registry no longer offers it";
  return `its registry no longer offers ${version}, but ${versions.map((one) => one.version).join(", ")}`;
};

/** Installs LANraragi's version, if its registry still offers the same file. */
const install = async (
  context: ImportContext,
  namespace: string,
  from: LanraragiProvenance,
): Promise<void> => {
  const registry = context.registries.get(from.registry);
  if (registry === undefined) {
    const note = "its registry was removed; install it from another one with `hitagi install`";
    return context.report("plugin", namespace, "not done", note);
  }
  const { id, name } = registry;
  const gone = id === undefined ? undefined : missing(from, await offersOf(context, namespace), id);
  if (gone !== undefined) {
    const note = `${gone}; \`hitagi install ${namespace}\` installs the newest version of all registries`;
    return context.report("plugin", namespace, "not done", note);
  }
  if (!context.apply) context.planned.add(namespace);
  const unsure = id === undefined ? ", if the registry still offers it" : "";
  const off =
    from.path.endsWith(".pm") && context.perlOff ? "; this server must be started with --perl first" : "";
  const note = `${from.version} from ${name}${unsure}${off}`;
  await runStep(context, { what: "plugin", name: namespace, note }, async () => {
    const body = { namespace, registry: id ?? "", version: from.version };
    await refreshOnce(context, body.registry);
    const { plan } = await context.client.previewInstall({ body });
    await context.agree(plan);
    const agreed = { ...body, grant: true, shown: shownVersions(plan) };
    const { job } = await context.client.installPlugin({ body: agreed });
    await context.result(job);
    const { plugin } = await context.client.getInstalled({ params: { namespace } });
    context.installed.set(namespace, plugin);
  });
};

const isSame = (from: LanraragiProvenance, existing: InstalledPlugin): boolean =>
  existing.sha256?.toLowerCase() === from.sha256.toLowerCase();

const already = (context: ImportContext, from: LanraragiProvenance, existing: InstalledPlugin): void => {
  const { namespace, version, origin } = existing;
  const note =
    origin === "managed"
      ? `${version} is installed here and stays; LANraragi has ${from.version}`
      : `a ${origin} plugin of that namespace is installed here and stays`;
  if (isSame(from, existing)) context.report("plugin", namespace, "there", version);
  else context.report("plugin", namespace, "not done", note);
};

/** Whether a plugin has settings or flags that an owner would miss. */
const matters = ({ named, positional, flags }: LanraragiPlugin): boolean =>
  [...Object.values(named), ...positional].some((value) => value !== "" && value !== null && value !== "0") ||
  flags.enabled === true ||
  flags.hidden === true ||
  (flags.priority ?? 0) !== 0;

/** Installs the plugins that LANraragi has from registries, at the same version. */
export const importPlugins = async (context: ImportContext): Promise<void> => {
  for (const plugin of context.foreign.plugins) {
    const { namespace, installed: from } = plugin;
    const existing = context.installed.get(namespace);
    if (from === undefined) {
      if (existing !== undefined || !matters(plugin)) continue;
      const note =
        "it is a builtin or sideloaded plugin in LANraragi, and no plugin of that namespace is installed here: install one or `hitagi sideload` its file, then import again";
      context.report("plugin", namespace, "not done", note);
    } else if (existing !== undefined) already(context, from, existing);
    else if (isComplete(from)) await install(context, namespace, from);
    else context.report("plugin", namespace, "not done", "its record in LANraragi is incomplete");
  }
};
