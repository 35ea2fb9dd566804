import type { CliCommand } from "../command.ts";
import { minuteText } from "../format.ts";
import { chooseRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";
import { record } from "../table.ts";
import { addressText } from "./registry-add.ts";

const show = async (session: Session, name: string): Promise<void> => {
  const { id } = await chooseRegistry(session.client, name);
  const { registry } = await session.client.getRegistry({ params: { id } });
  const { refreshed, plugins, trust, details = {} } = registry;
  session.print(registry, () =>
    record({
      Id: registry.id,
      Name: registry.name,
      Place: addressText(registry),
      Plugins: plugins,
      Refreshed: refreshed === undefined ? "never" : minuteText(refreshed),
      Signed: trust?.state ?? "unsigned",
      ...(trust?.fingerprint && { Fingerprint: trust.fingerprint }),
      ...(details.name && { "Calls itself": details.name }),
      ...(details.description && { Description: details.description }),
      ...(details.homepage && { Homepage: details.homepage }),
      ...(details.contact && { Contact: details.contact }),
    }),
  );
};

/** `hitagi registry show`. */
export const registryShowCommand = (registry: CliCommand): void => {
  registry
    .remote("show <registry>", "Show one registry, and what its keeper says about it.")
    .examples("hitagi registry show Example")
    .runRemote(show);
};
