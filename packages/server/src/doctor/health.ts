import { ApiError, api, type Client, type Output } from "@hitagi/contract";
import { Value } from "typebox/value";
import { type Finding, note, ok, wrong } from "./types.ts";

type Health = Output<"getHealth">;

/** A server that cannot work answers the same with status 503. */
const ask = async (client: Client): Promise<Health> => {
  try {
    return await client.getHealth({});
  } catch (e) {
    const body: unknown = e instanceof ApiError ? e.failure : undefined;
    if (Value.Check(api.getHealth.response, body)) return body;
    throw e;
  }
};

const storeFinding = ({ store, storeFault }: Health): Finding =>
  store === "ok"
    ? ok("store", "The server reads and writes it")
    : wrong(
        "store",
        storeFault?.error ?? "The server cannot use it",
        storeFault?.hint ?? "Look at the server's log, and at the data folder's disk.",
      );

/** What a running server says of its health. */
export const healthFindings = async (client: Client): Promise<Finding[]> => {
  const health = await ask(client);
  const { status, artifactsFault, runtimes, quarantined } = health;
  const ill = Object.entries(runtimes).flatMap(([name, state]) => (state === "unavailable" ? [name] : []));
  return [
    storeFinding(health),
    ...(artifactsFault ? [wrong("artifacts", artifactsFault.error, artifactsFault.hint)] : []),
    ...ill.map((name) =>
      wrong(
        name,
        `The server has no ${name} to run plugins with`,
        "The lines above and its log say why; then restart it.",
      ),
    ),
    ...(quarantined > 0
      ? [
          note(
            "plugins",
            `${quarantined} in quarantine`,
            "`hitagi list` names them; roll them back or upgrade them.",
          ),
        ]
      : []),
    ...(status === "ok" ? [ok("health", "The server is well")] : []),
  ];
};
