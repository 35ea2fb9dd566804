import type { Client, Registry } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import type { Session } from "../session.ts";
import { refreshOne, skippedText } from "./registry-refresh.ts";
import { type AddressOptions, addressOptions, failureOf, testAddress } from "./registry-test.ts";

interface AddOptions extends AddressOptions {
  lenient?: boolean;
  default?: boolean;
  refresh: boolean;
}

type Place = Pick<Registry, "url" | "ref" | "path" | "folder">;

/** A registry's address on one line. */
export const addressText = ({ url, ref, folder, path }: Place): string =>
  [url, ref, folder, path].filter(Boolean).join(" ");

/** Refuses an address that exists: it would offer every plugin twice. @throws CommandFailed */
const checkNew = async (client: Client, fields: Place & Pick<Registry, "provider">): Promise<void> => {
  const { registries } = await client.listRegistries({});
  const same = registries.find(
    (r) => r.provider === fields.provider && addressText(r) === addressText(fields),
  );
  if (!same) return;
  throw new CommandFailed(
    `This registry already exists as ${same.id} (${same.name}).`,
    `Fetch its index again with \`hitagi registry refresh ${same.id}\`.`,
  );
};

/** Says which orphaned plugins this registry offers with the same bytes: a reinstall connects them to it. */
const noteOrphans = async (session: Session, id: string): Promise<void> => {
  const { client } = session;
  const [{ registries }, { plugins }] = await Promise.all([
    client.listRegistries({}),
    client.listInstalled({}),
  ]);
  const existing = new Set(registries.map((r) => r.id));
  for (const { namespace, version, registry, sha256 } of plugins) {
    if (registry === null || existing.has(registry)) continue;
    const { offers } = await client.getAvailable({ params: { namespace } }).catch(() => ({ offers: [] }));
    const versions = offers.find((offer) => offer.registry === id)?.versions ?? [];
    if (!versions.some((v) => v.version === version && v.sha256 === sha256)) continue;
    session.say(
      `It offers the installed ${namespace} ${version}, whose registry was removed. ` +
        `To get updates from here: \`hitagi install ${namespace} --version ${version} --registry ${id}\`.`,
    );
  }
};

/**
 * Adds a registry. An address without a registry is refused, because it is probably mistyped. A registry with an invalid
 * index is added: the owner can make it lenient, or wait for its keeper.
 */
const add = async (session: Session, source: string, options: AddOptions): Promise<void> => {
  const { client, io } = session;
  const { found, secret } = await testAddress(session, source, options, options.refresh);
  const failure = failureOf(found);
  if (failure) {
    session.say(`${found.name} was not added. Use --no-refresh to add it without a fetch.`);
    throw failure;
  }
  const { name, provider, url, ref, path, folder } = found;
  const place = { provider, url, ref, path, folder };
  await checkNew(client, place);
  const { id } = await client.createRegistry({
    body: { name, ...place, lenient: options.lenient, ...secret },
  });
  session.say(`Added registry ${id} (${name}), a ${provider} registry.`);
  if (options.refresh) await refreshOne(session, { id, name });
  if (options.default) await client.setDefaultRegistry({ params: { id } });
  const { registry } = await client.getRegistry({ params: { id } });
  session.print(registry, (r) =>
    options.refresh
      ? `${r.plugins} plugins; see them with \`hitagi search --registry ${r.id}\`.${skippedText(io, r)}`
      : `Refresh it with \`hitagi registry refresh ${r.id}\` to see its plugins.`,
  );
  if (options.refresh) await noteOrphans(session, id);
};

/** `hitagi registry add`: adds a registry by any address. */
export const registryAddCommand = (registry: CliCommand): void => {
  registry
    .remote("add <source>", "Add a registry by its address or folder, detect its provider, and refresh it.")
    .examples(
      "hitagi registry add ./examples/registry",
      "hitagi registry add https://github.com/owner/repo/tree/main/plugins",
      "hitagi registry add https://example.org/registry --name Example",
    )
    .option("--name <name>", "its name; by default from the address")
    .use(addressOptions)
    .option("--lenient", "skip invalid plugins and versions, instead of refusing the whole index")
    .option("--default", "make it the default registry")
    .option("--no-refresh", "do not fetch the index now, and detect the provider from the address only")
    .runRemote(add);
};
