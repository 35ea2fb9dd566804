import { api } from "@hitagi/contract";
import type { Plugins } from "../../plugins/types.ts";
import type { Serializers } from "../serialization.ts";

type ListType = Parameters<Plugins["list"]>[0];

/**
 * The plugin lists as the bytes that are sent. Clients ask for them all the time and they change seldom, so that
 * each is written once until the plugins change.
 */
export const createPluginLists = (
  plugins: Pick<Plugins, "list" | "revision">,
  serializers: Serializers,
): ((type: ListType) => Buffer) => {
  const serialize = serializers(api.listPlugins.response);
  const written = new Map<ListType, { revision: number; bytes: Buffer }>();
  return (type) => {
    const revision = plugins.revision();
    const known = written.get(type);
    if (known?.revision === revision) return known.bytes;
    const bytes = Buffer.from(serialize(plugins.list(type)));
    written.set(type, { revision, bytes });
    return bytes;
  };
};
