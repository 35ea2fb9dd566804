import { isPublicSuffixWildcard } from "../../../net/public-suffix.ts";
import type { Check } from "../types.ts";

/** A wildcard over names of many owners opens the whole network. */
export const broadHost: Check = {
  rule: "broad-host",
  severity: "error",
  isForOwners: true,
  run: ({ plugin, manifestSource }) =>
    (plugin?.manifest.permissions?.net ?? []).filter(isPublicSuffixWildcard).map((host) => ({
      ...manifestSource.placeOf(["permissions", "net"]),
      message: `${host} covers names that belong to anyone, so the plugin could send what it knows anywhere.`,
      hint: "Name the hosts that it needs, or a wildcard below one owner's name, such as *.example.org.",
    })),
};
