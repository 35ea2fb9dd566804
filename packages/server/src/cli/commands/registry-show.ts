import type { Registry } from "@hitagi/contract";
import { minuteText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { failureText } from "../failure.ts";
import { chooseRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";
import { record } from "../table.ts";
import { addressText } from "./registry-add.ts";
import { trustLines } from "./registry-trust.ts";

/** Whether the last refresh failed, or the registry moved. */
export const stateOf = ({ failure, moved }: Registry): string => {
  if (failure) return failure.code;
  return moved ? "moved" : "ok";
};

const reasonOf = ({ error: message, code }: NonNullable<Registry["failure"]>): string =>
  failureText({ message, code });

/** Why the last refresh failed, and where the registry is now. */
export const failureNotes = ({ id, name, failure, moved }: Registry): string[] => [
  ...(failure
    ? [`${name} (${id}), ${minuteText(failure.at)}: ${reasonOf(failure)}`, `hint: ${failure.hint}`]
    : []),
  ...(moved ? [`${name} (${id}) has moved. Its registry.json is now at ${moved}.`] : []),
];

const show = async (session: Session, name: string): Promise<void> => {
  const { id } = await chooseRegistry(session.client, name);
  const { registry } = await session.client.getRegistry({ params: { id } });
  const { refreshed, plugins, trust, details = {} } = registry;
  session.print(registry, () => [
    ...record({
      Id: registry.id,
      Name: registry.name,
      Place: addressText(registry),
      State: stateOf(registry),
      Plugins: plugins,
      Refreshed: refreshed === undefined ? "never" : minuteText(refreshed),
      ...(details.name && { "Calls itself": details.name }),
      ...(details.description && { Description: details.description }),
      ...(details.homepage && { Homepage: details.homepage }),
      ...(details.contact && { Contact: details.contact }),
    }),
    ...trustLines(trust),
  ]);
  session.say(failureNotes(registry));
};

/** `hitagi registry show`. */
export const registryShowCommand = (registry: CliCommand): void => {
  registry
    .remote(
      "show <registry>",
      "Show one registry: its last refresh, what its keeper says about it, its keys and its head.",
    )
    .examples("hitagi registry show Example")
    .runRemote(show);
};
