import { Namespace } from "@hitagi/contract";
import { Type } from "typebox";
import type { CallScope, OtherPlugins } from "../types.ts";
import { argsOf, type Capability, capability, denied, Id, libraryRead, NoArgs } from "./capability.ts";

/** Only for a runtime whose plugins know of the others: LANraragi's do. */
const otherPlugins = (scope: CallScope): OtherPlugins => {
  if (!scope.plugins) throw denied("use another plugin", "only Perl plugins can");
  return scope.plugins;
};

/** What plugins can do with the other ones. */
export const pluginCapabilities: readonly Capability[] = [
  capability({
    name: "plugins.list",
    permission: otherPlugins,
    args: NoArgs,
    limits: { concurrency: 2, perSecond: 50, maxQueued: 64 },
    run: async (_, plugins) => plugins.list(),
  }),
  capability({
    name: "plugins.use",
    // A metadata plugin reads an archive, and its result tells what is in it.
    permission: (scope) => {
      libraryRead(scope);
      return otherPlugins(scope);
    },
    args: argsOf({
      namespace: Namespace,
      archive: Type.Optional(Id),
      arg: Type.Optional(Type.String({ maxLength: 65_536 })),
    }),
    // More than the processes of a plugin, so that plugins that call each other do not wait for themselves.
    limits: { concurrency: 8, perSecond: 50, maxQueued: 64 },
    run: (request, plugins, { signal }) => plugins.use(request, signal),
  }),
];
