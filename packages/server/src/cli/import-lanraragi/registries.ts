import { Provider, type Registry } from "@hitagi/contract";
import { type Move, step } from "./move.ts";
import type { LanraragiRegistry } from "./types.ts";

const FIELDS = ["url", "ref", "path"] as const;

type Place = Pick<Registry, "provider"> & { url?: string; ref?: string; path?: string };

const isProvider = (text: string | undefined): text is Registry["provider"] =>
  Provider.enum.some((provider) => provider === text);

const placeOf = ({ fields }: LanraragiRegistry): Place | undefined => {
  const { provider } = fields;
  if (!isProvider(provider)) return undefined;
  const given = FIELDS.flatMap((name) => (fields[name] ? [[name, fields[name]] as const] : []));
  return { provider, ...Object.fromEntries(given) };
};

/** Slashes at the end of an address and `.git` make no difference to where it leads. */
const plain = (text: string | undefined): string => (text ?? "").replace(/\/+$/, "").replace(/\.git$/, "");

const isSame = (place: Place, here: Registry): boolean =>
  place.provider === here.provider && FIELDS.every((name) => plain(place[name]) === plain(here[name]));

const textOf = ({ provider, ...rest }: Place): string => [provider, ...Object.values(rest)].join(" ");

const refresh = (move: Move, id: string, name: string): Promise<boolean> =>
  step(move, { what: "index", name, note: "fetched" }, () => move.client.refreshRegistry({ params: { id } }));

const add = async (move: Move, registry: LanraragiRegistry, place: Place, name: string): Promise<void> => {
  const local = place.provider === "local" ? "; that folder must be on this server's machine too" : "";
  let id: string | undefined;
  const note = `${textOf(place)}${local}`;
  const added = await step(move, { what: "registry", name, note }, async () => {
    id = (await move.client.createRegistry({ body: { name, ...place } })).id;
  });
  if (added || !move.apply) move.registries.set(registry.id, { id, name });
  if (id !== undefined) await refresh(move, id, name);
};

/** Adds the registries that are not here yet, and fetches the indexes of those that have none. */
export const moveRegistries = async (move: Move): Promise<void> => {
  const { registries: here } = await move.client.listRegistries({});
  for (const registry of move.foreign.registries) {
    const name = registry.fields.name || registry.id;
    const place = placeOf(registry);
    const same = place && here.find((one) => isSame(place, one));
    if (place === undefined) {
      move.tell(
        "registry",
        name,
        "not done",
        `its provider, ${registry.fields.provider ?? "none"}, is not known here`,
      );
    } else if (same === undefined) {
      await add(move, registry, place, name);
    } else {
      move.registries.set(registry.id, { id: same.id, name: same.name });
      move.tell("registry", name, "there", `${same.id} (${same.name})`);
      if (same.refreshed === undefined) await refresh(move, same.id, same.name);
    }
  }
};

/** Takes over which registry is the default, where none is here. */
export const moveDefault = async (move: Move): Promise<void> => {
  const { ougi } = move.foreign;
  if (ougi === "") return;
  const moved = move.registries.get(ougi);
  if (moved === undefined) return move.tell("default", ougi, "not done", "that registry was not taken over");
  const { id: now } = await move.client.getDefaultRegistry({});
  const { id, name } = moved;
  if (now !== "" && now === id) return move.tell("default", name, "there", "it is the default");
  if (now !== "") {
    const note = `${now} is the default here, and stays; change it with \`hitagi registry default\``;
    return move.tell("default", name, "not done", note);
  }
  await step(move, { what: "default", name, note: "made the default" }, () =>
    move.client.setDefaultRegistry({ params: { id: id ?? "" } }),
  );
};
