import { Provider, type Registry } from "@hitagi/contract";
import { type ImportContext, runStep } from "./context.ts";
import type { LanraragiRegistry } from "./read.ts";

const FIELDS = ["url", "ref", "path"] as const;

type Address = Pick<Registry, "provider"> & { url?: string; ref?: string; path?: string };

const isProvider = (text: string | undefined): text is Registry["provider"] =>
  Provider.enum.some((provider) => provider === text);

const addressOf = ({ fields }: LanraragiRegistry): Address | undefined => {
  const { provider } = fields;
  if (!isProvider(provider)) return undefined;
  const address = FIELDS.flatMap((name) => (fields[name] ? [[name, fields[name]] as const] : []));
  return { provider, ...Object.fromEntries(address) };
};

/** Removes trailing slashes and `.git`, which do not change where an address leads. */
const normalized = (text: string | undefined): string =>
  (text ?? "").replace(/\/+$/, "").replace(/\.git$/, "");

const isSame = (address: Address, existing: Registry): boolean =>
  address.provider === existing.provider &&
  FIELDS.every((name) => normalized(address[name]) === normalized(existing[name]));

const textOf = ({ provider, ...rest }: Address): string => [provider, ...Object.values(rest)].join(" ");

/** Fetches the index of a registry, once: nothing is installed from an old one. */
export const refreshOnce = async ({ client, refreshed }: ImportContext, id: string): Promise<void> => {
  if (refreshed.has(id)) return;
  await client.refreshRegistry({ params: { id } });
  refreshed.add(id);
};

const refresh = (context: ImportContext, id: string, name: string): Promise<boolean> =>
  runStep(context, { what: "index", name, note: "fetched" }, () => refreshOnce(context, id));

const add = async (
  context: ImportContext,
  registry: LanraragiRegistry,
  address: Address,
  name: string,
): Promise<void> => {
  const local = address.provider === "local" ? "; the folder must exist on this server's machine too" : "";
  let id: string | undefined;
  const note = `${textOf(address)}${local}`;
  const added = await runStep(context, { what: "registry", name, note }, async () => {
    id = (await context.client.createRegistry({ body: { name, ...address } })).id;
  });
  if (added || !context.apply) context.registries.set(registry.id, { id, name });
  if (id !== undefined) await refresh(context, id, name);
};

/** Adds missing registries, and fetches missing indexes. */
export const importRegistries = async (context: ImportContext): Promise<void> => {
  const { registries: existing } = await context.client.listRegistries({});
  for (const registry of context.foreign.registries) {
    const name = registry.fields.name || registry.id;
    const address = addressOf(registry);
    const same = address && existing.find((one) => isSame(address, one));
    if (address === undefined) {
      context.report(
        "registry",
        name,
        "not done",
        `its provider, ${registry.fields.provider ?? "none"}, is unknown here`,
      );
    } else if (same === undefined) {
      await add(context, registry, address, name);
    } else {
      context.registries.set(registry.id, { id: same.id, name: same.name });
      context.report("registry", name, "there", `${same.id} (${same.name})`);
      if (same.refreshed === undefined) await refresh(context, same.id, same.name);
    }
  }
};

/** Imports the default registry, if there is none here. */
export const importDefaultRegistry = async (context: ImportContext): Promise<void> => {
  const { ougi } = context.foreign;
  if (ougi === "") return;
  const imported = context.registries.get(ougi);
  if (imported === undefined)
    return context.report("default", ougi, "not done", "that registry was not imported");
  const { id: now } = await context.client.getDefaultRegistry({});
  const { id, name } = imported;
  if (now !== "" && now === id) return context.report("default", name, "there", "it is the default");
  if (now !== "") {
    const note = `${now} is the default here and stays; change it with \`hitagi registry default\``;
    return context.report("default", name, "not done", note);
  }
  await runStep(context, { what: "default", name, note: "made the default" }, () =>
    context.client.setDefaultRegistry({ params: { id: id ?? "" } }),
  );
};
