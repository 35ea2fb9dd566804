import type { Permissions } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { serverCommand } from "../define-command.ts";
import type { Io } from "../io.ts";
import { wholeNumber } from "../numbers.ts";
import { grantText } from "../permission-text.ts";
import { type Session, withSession } from "../session.ts";

interface GrantOptions {
  net?: string[];
  library?: "read" | "write";
  none?: boolean;
}

/** The given permissions, or undefined for all that the plugin asks for. */
const partOf = ({ net, library, none }: GrantOptions): Permissions | undefined => {
  if (none) return {};
  return net || library ? { ...(net && { net }), ...(library && { library }) } : undefined;
};

const grant = async (session: Session, namespace: string, options: GrantOptions): Promise<void> => {
  const body = { permissions: partOf(options) };
  const params = { namespace };
  const { granted } = await session.client.grantPermissions({ params, body });
  const { plugin } = await session.client.getInstalled({ params });
  session.print(granted, () => grantText(namespace, granted, plugin.confinement));
};

const enable = async (session: Session, namespace: string, options: { priority?: number }): Promise<void> => {
  const { priority } = options;
  await session.client.configurePlugin({ params: { namespace }, body: { enabled: true, priority } });
  session.print({ namespace, enabled: true }, () => `${namespace} runs on every new archive.`);
};

const disable = async (session: Session, namespace: string): Promise<void> => {
  await session.client.configurePlugin({ params: { namespace }, body: { enabled: false } });
  session.print({ namespace, enabled: false }, () => `${namespace} runs only on request.`);
};

/** `hitagi grant`, `enable` and `disable`: the permissions of a plugin, and whether it runs on new archives. */
export const grantCommands = (program: Command, io: Io): void => {
  serverCommand(
    program,
    "grant <namespace>",
    "Grant a plugin all permissions that it asks for, or only those given here.",
    "hitagi grant source-finder",
    "hitagi grant site-tags --net api.example.org",
  )
    .option("--net <hosts...>", "grant only these hosts")
    .addOption(new Option("--library <access>", "grant only this access").choices(["read", "write"]))
    .option("--none", "grant nothing")
    .action(withSession(io, grant));
  serverCommand(
    program,
    "enable <namespace>",
    "Run a metadata plugin on every new archive.",
    "hitagi enable comic-info --priority 1",
  )
    .option("--priority <number>", "lower runs earlier", wholeNumber(-1_000_000, 1_000_000))
    .action(withSession(io, enable));
  serverCommand(
    program,
    "disable <namespace>",
    "Stop running a metadata plugin on new archives.",
    "hitagi disable comic-info",
  ).action(withSession(io, disable));
};
