import type { Permissions } from "@hitagi/contract";
import { type Command, Option } from "commander";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { wholeNumber } from "../numbers.ts";
import { permissionText } from "../permission-text.ts";
import { type Session, withSession } from "../session.ts";

interface GrantOptions {
  net?: string[];
  library?: "read" | "write";
  none?: boolean;
}

/** The part that is named, or undefined for all that the plugin asks for. */
const partOf = ({ net, library, none }: GrantOptions): Permissions | undefined => {
  if (none) return {};
  return net || library ? { ...(net && { net }), ...(library && { library }) } : undefined;
};

const grant = async (session: Session, namespace: string, options: GrantOptions): Promise<void> => {
  const body = { permissions: partOf(options) };
  const params = { namespace };
  const { granted } = await session.client.grantPermissions({ params, body });
  const { plugin } = await session.client.getInstalled({ params });
  session.print(granted, () => `${namespace} may ${permissionText(granted, plugin.confinement)}.`);
};

const enable = async (session: Session, namespace: string, options: { priority?: number }): Promise<void> => {
  const { priority } = options;
  await session.client.configurePlugin({ params: { namespace }, body: { enabled: true, priority } });
  session.print({ namespace, enabled: true }, () => `${namespace} runs on every new archive.`);
};

const disable = async (session: Session, namespace: string): Promise<void> => {
  await session.client.configurePlugin({ params: { namespace }, body: { enabled: false } });
  session.print({ namespace, enabled: false }, () => `${namespace} runs only when it is called.`);
};

/** What a plugin may do, and whether it runs by itself: `hitagi grant`, `enable` and `disable`. */
export const grantCommands = (program: Command, io: Io): void => {
  leaf(
    program,
    "grant <namespace>",
    "Set what a plugin may do: all that it asks for, or the part named here.",
    "hitagi grant source-finder",
    "hitagi grant site-tags --net api.example.org",
  )
    .option("--net <hosts...>", "only these hosts")
    .addOption(new Option("--library <access>", "only this access").choices(["read", "write"]))
    .option("--none", "nothing")
    .action(withSession(io, grant));
  leaf(
    program,
    "enable <namespace>",
    "Run a metadata plugin on every new archive.",
    "hitagi enable comic-info --priority 1",
  )
    .option("--priority <number>", "lower runs earlier", wholeNumber(-1_000_000, 1_000_000))
    .action(withSession(io, enable));
  leaf(
    program,
    "disable <namespace>",
    "Stop running a metadata plugin on new archives.",
    "hitagi disable comic-info",
  ).action(withSession(io, disable));
};
