import { hostname } from "node:os";
import { ApiError, type Client, createClient, isHitagiError } from "@hitagi/contract";
import { type Config, readConfig } from "../../config/config.ts";
import { withShownSettings } from "../../config/shown-settings.ts";
import type { Finding, ServerAccess, State } from "../../doctor/finding.ts";
import type { CliCommand } from "../command.ts";
import { addressUsed, type ConnectionOptions } from "../connection.ts";
import { CommandFailed } from "../failure.ts";
import { hasColour, type Io } from "../io.ts";
import { type Lines, safeLine } from "../safe-text.ts";
import type { Session } from "../session.ts";

const marks: Record<State, [text: string, colour: number]> = {
  ok: ["ok", 32],
  note: ["note", 33],
  wrong: ["WRONG", 31],
  skipped: ["-", 90],
};

const WIDTH = 5;

const linesOf = (io: Io, { check, state, text, hint }: Finding): Lines => {
  const [word, colour] = marks[state];
  const mark = word.padEnd(WIDTH);
  const shown = hasColour(io, io.stdout) ? `\u001b[${colour}m${mark}\u001b[0m` : mark;
  const line = { coloured: `${shown}  ${safeLine(`${check}: ${text}`)}` };
  return hint === undefined || hint === "" ? line : [line, `${" ".repeat(WIDTH)}  → ${hint}`];
};

const isAdmitted = (client: Client): Promise<boolean> =>
  client.listRegistries({}).then(
    () => true,
    (e: unknown) => {
      if (isHitagiError(e, "SERVER_UNPROVEN")) return false;
      if (!(e instanceof ApiError)) throw e;
      // A server without its store refuses every call, with any key.
      return e.status >= 500;
    },
  );

/** The server, if one answers. The key is tried on a call that needs one. */
const findServer = async (client: Client, address: string | undefined): Promise<ServerAccess | undefined> => {
  try {
    // In parallel: a server whose store does not answer is slow.
    const [{ version }, admitted] = await Promise.all([
      client.getInfo({}).catch((e: unknown) => {
        if (address !== undefined && isHitagiError(e, "SERVER_UNPROVEN"))
          return createClient(address).getInfo({});
        throw e;
      }),
      isAdmitted(client),
    ]);
    return { version, client: admitted ? client : undefined };
  } catch (e) {
    if (isHitagiError(e, "SERVER_UNREACHABLE") || e instanceof ApiError) return undefined;
    throw e;
  }
};

/** The settings of the running server if it runs on this machine, else those of this environment. */
const settingsOf = async (own: Config, server: ServerAccess | undefined): Promise<Config> => {
  if (!server?.client) return own;
  try {
    const { host, settings, secrets } = await server.client.getServerSettings({});
    return host === hostname() ? withShownSettings(own, { settings, secrets }) : own;
  } catch (e) {
    // A key without the right, an older server, or one without its store.
    if (e instanceof ApiError) return own;
    throw e;
  }
};

const doctor = async ({ io, client, print }: Session, options: ConnectionOptions): Promise<void> => {
  const own = readConfig({ data: options.data }, io.env);
  // Loaded only here: it imports the parts of a server.
  const { examine } = await import("../../doctor/doctor.ts");
  const address = await addressUsed(io, options);
  const server = await findServer(client, address);
  const findings = await examine({ config: await settingsOf(own, server), address, server });
  print(findings, () => findings.map((finding) => linesOf(io, finding)));
  const wrong = findings.filter(({ state }) => state === "wrong");
  if (wrong.length === 0) return;
  const names = [...new Set(wrong.map(({ check }) => check))].join(", ");
  throw new CommandFailed(`Problems found: ${names}.`, "Follow the arrows, then run it again.");
};

/** `hitagi doctor`: finds problems of a server and says what to do. */
export const doctorCommand = (program: CliCommand): void => {
  program
    .remote(
      "doctor",
      "Check everything that a server needs, whether one runs or not, and say what to do. Fails if there is a problem.",
    )
    .examples("hitagi doctor", "hitagi doctor --data /srv/hitagi --json")
    .runRemote(doctor);
};
