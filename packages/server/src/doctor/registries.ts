import { ApiError, type Client, isHitagiError, type Registry } from "@hitagi/contract";
import { type Check, type Finding, note, ok, wrong } from "./types.ts";

const fieldsOf = ({ name, provider, url, ref, path, folder }: Registry) =>
  Object.fromEntries(
    Object.entries({ name, provider, url, ref, path, folder }).filter(([, value]) => value !== undefined),
  );

/** A secret cannot be asked back from the server, so a registry that has one is judged by its last refresh. */
const byRecord = (check: string, { failure, refreshed }: Registry): Finding => {
  if (failure) return wrong(check, failure.error, failure.hint);
  if (refreshed === undefined)
    return note(check, "It was never refreshed", "`hitagi registry refresh` fetches its index.");
  return ok(check, `Its last refresh succeeded (${new Date(refreshed * 1000).toISOString()})`);
};

const ask = async (client: Client, registry: Registry): Promise<Finding> => {
  const check = `registry ${registry.name}`;
  if (registry.credential !== undefined) return byRecord(check, registry);
  try {
    const { found } = await client.testRegistry({ body: fieldsOf(registry) });
    if (found.usable) return ok(check, `The server reaches it: ${found.plugins ?? 0} plugins`);
    const [last] = found.tried;
    return wrong(
      check,
      last?.outcome ?? "The server cannot use it",
      `\`hitagi registry refresh ${registry.id}\` tells more.`,
    );
  } catch (e) {
    if (e instanceof ApiError || isHitagiError(e)) return wrong(check, e.message, e.hint ?? "");
    throw e;
  }
};

/** Whether the server reaches each of its registries. */
export const checkRegistries: Check = async ({ server }) => {
  if (!server?.client) return [];
  const { client } = server;
  const { registries } = await client.listRegistries({});
  return Promise.all(registries.map((registry) => ask(client, registry)));
};
