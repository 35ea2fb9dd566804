import {
  ApiError,
  type Client,
  describeWithdrawn,
  type FoundRegistry,
  HitagiError,
  type InstalledPlugin,
  isClockOff,
  type LibraryProblem,
  type NodeInfo,
  quoteForeign,
  quoteText,
  type Registry,
} from "@hitagi/contract";
import { minuteText } from "../clock.ts";
import { isInRange } from "../install/requirements/ranges.ts";
import { badRecordFindings, type Check, type Finding, failed, note, ok, skipped, wrong } from "./finding.ts";

/** A check through the API of a running server. Without a server there is nothing to check. */
const remoteCheck =
  (name: string, check: (client: Client) => Promise<Finding[]>): Check =>
  async ({ server }) => {
    if (!server?.client) return [];
    try {
      return await check(server.client);
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      return [skipped(name, `The server refused the request: ${e.message}`)];
    }
  };

const nameOf = ({ host, address }: NodeInfo): string => (address === null ? host : `${host} (${address})`);

const clockFindings = (nodes: readonly NodeInfo[]): Finding[] =>
  nodes
    .filter(isClockOff)
    .map((node) =>
      wrong(
        "nodes",
        `The clock of ${nameOf(node)} is ${Math.abs(node.ahead)} s ${node.ahead > 0 ? "ahead of" : "behind"} Redis' clock`,
        "Synchronise both with one time server: jobs, the history and key expiry use each server's own clock.",
      ),
    );

const versionFindings = (nodes: readonly NodeInfo[]): Finding[] => {
  const versions = [...new Set(nodes.map(({ version }) => version ?? "an older version"))];
  if (versions.length < 2) return [];
  const hint =
    "Upgrade all to one release, one after the other. The changelog says which versions work together.";
  return [note("nodes", `The servers have different versions: ${versions.join(", ")}`, hint)];
};

/** A note, because one folder may be mounted under two names. Files that only one server has are missing on the others. */
const shareFindings = (nodes: readonly NodeInfo[]): Finding[] => {
  const known = nodes.filter(({ artifacts }) => artifacts !== null);
  if (new Set(known.map(({ artifacts }) => artifacts)).size < 2) return [];
  const shares = known.map((node) => `${nameOf(node)}: ${node.artifacts}`).join(", ");
  const hint =
    "Set HITAGI_ARTIFACTS to the same value on all, otherwise they do not find each other's plugins. Different values are right only if one folder is mounted under two names, or during a move.";
  return [note("nodes", `The servers share plugin files in different places: ${shares}`, hint)];
};

const LAGGING_HINT =
  "It may need a moment. If this stays so, the server hangs: check its log, or end it. The other servers then continue without it.";

const lagFindings = (nodes: readonly NodeInfo[]): Finding[] =>
  nodes
    .filter(({ current }) => !current)
    .map((node) => note("nodes", `${nameOf(node)} has not applied the last change`, LAGGING_HINT));

/** Checks that the servers on one store fit together. Finds nothing for a single server. */
export const checkNodes = remoteCheck("nodes", async (client) => {
  const { nodes } = await client.listNodes({});
  const found = [clockFindings, versionFindings, shareFindings, lagFindings].flatMap((find) => find(nodes));
  if (found.length > 0 || nodes.length < 2) return found;
  return [ok("nodes", `${nodes.length} servers share one store: ${nodes.map(nameOf).join(", ")}`)];
});

/** Finds records in the server's store that cannot be used. */
export const checkRecords = remoteCheck("records", async (client) =>
  badRecordFindings((await client.listBadRecords({})).records),
);

const fileFindings = ({ namespace, unavailableFiles = [] }: InstalledPlugin): Finding[] =>
  unavailableFiles.map(({ path, reason }) =>
    wrong(
      `plugin ${namespace}`,
      `It cannot be given ${quoteText(path)}, which it is granted: ${reason}`,
      `Put it right, or grant other paths with \`hitagi grant ${namespace} --read PATH\`, or none with \`hitagi grant ${namespace} --no-read\`.`,
    ),
  );

const leaveYanked = (namespace: string): string =>
  `Upgrade it, or remove it with \`hitagi uninstall ${namespace}\`. If you know better than its keeper: \`hitagi policy blocks allow ${namespace}\`.`;

const putBack = (namespace: string): string =>
  `If the disk of the plugins folder is not mounted, mount it and run \`hitagi verify\`, which activates plugins whose file is back. Otherwise \`hitagi reinstall ${namespace}\` puts its file back, and \`hitagi uninstall ${namespace}\` removes it.`;

/** Plugins whose needs are not met: an owner ignored that, rolled back, or removed what they need. */
const unmetFindings = (plugins: readonly InstalledPlugin[]): Finding[] =>
  plugins.flatMap(({ namespace, manifest }) =>
    Object.entries(manifest.requires?.plugins ?? {}).flatMap(([needed, range]) => {
      const installed = plugins.find((one) => one.namespace === needed);
      if (installed && isInRange(installed.version, range)) return [];
      const is = installed ? `${installed.version} is installed` : "it is not installed";
      const hint = `\`hitagi install ${needed}\` installs it. \`hitagi info ${namespace}\` shows what is offered.`;
      return [note(`plugin ${namespace}`, `It needs ${needed} ${range}, and ${is}`, hint)];
    }),
  );

/** Finds plugins that cannot run or lack granted files, and versions that are no longer offered. The server's health counts those in quarantine. */
export const checkPlugins = remoteCheck("plugins", async (client) => {
  const { plugins } = await client.listInstalled({});
  const { files } = await client.verifyPlugins({});
  const { withdrawn } = await client.listUpdates({});
  const unoffered = withdrawn.map((one) => {
    const { text, hint } = describeWithdrawn(one);
    return note(`plugin ${one.namespace}`, text, hint);
  });
  const unable = plugins
    .filter(
      ({ health: { state, cause } }) => state === "broken" || state === "missing" || cause === "changed",
    )
    .map(({ namespace, health: { state, reason } }) =>
      note(
        `plugin ${namespace}`,
        reason === undefined ? `It is ${state}` : `It is ${state}: ${quoteText(reason)}`,
        putBack(namespace),
      ),
    );
  const yanked = plugins
    .filter(({ health }) => health.cause === "yanked")
    .map(({ namespace, health: { reason = "" } }) =>
      wrong(`plugin ${namespace}`, `It does not run: ${quoteText(reason)}`, leaveYanked(namespace)),
    );
  const isTold = (namespace: string) => unable.some(({ check }) => check === `plugin ${namespace}`);
  const deleted = files
    .filter(({ namespace, state }) => state === "missing" && !isTold(namespace))
    .map(({ namespace, path }) =>
      note(
        `plugin ${namespace}`,
        `Its file is gone${path === null ? "" : ` (${quoteText(path)})`}; it runs from memory until the server restarts`,
        putBack(namespace),
      ),
    );
  return [
    ...unable,
    ...deleted,
    ...yanked,
    ...unmetFindings(plugins),
    ...plugins.flatMap(fileFindings),
    ...unoffered,
  ];
});

/** Finds a translation table of the tag rules that the server cannot use. */
export const checkTagTable = remoteCheck("tag rules", async (client) => {
  const { tableProblem } = await client.getTagRules({});
  if (tableProblem === null) return [];
  const hint =
    "Until then metadata plugins fail. Put the file right, or remove the table with `hitagi policy tags table --none`.";
  return [wrong("tag rules", tableProblem, hint)];
});

/** Finds schedules that name what is gone, or cannot run any more. */
export const checkSchedules = remoteCheck("schedules", async (client) => {
  const { schedules } = await client.listSchedules({});
  return schedules.flatMap(({ id, title, problem }) =>
    problem === null
      ? []
      : [
          wrong(
            `schedule ${id}`,
            `It cannot run (${title}): ${quoteForeign(problem.code, problem.message)}`,
            `${problem.hint} \`hitagi schedule remove ${id}\` removes the schedule.`,
          ),
        ],
  );
});

/** The server does not return secrets, so a registry with one cannot be tested. */
const lastRefresh = (check: string, { failure, refreshed }: Registry): Finding => {
  if (failure) return wrong(check, quoteForeign(failure.code, failure.error), failure.hint);
  if (refreshed === undefined)
    return note(check, "It was never refreshed", "Fetch its index with `hitagi registry refresh`.");
  return ok(check, `Its last refresh succeeded (${minuteText(refreshed)})`);
};

const foundFinding = (check: string, { id, lenient }: Registry, found: FoundRegistry): Finding => {
  const { usable, plugins = 0, faults = [], faultCount = 0, failure } = found;
  if (usable) return ok(check, `The server reaches it: ${plugins} plugins`);
  if (failure) return wrong(check, quoteForeign(failure.code, failure.error), failure.hint);
  const [first] = faults;
  const others = faultCount - 1;
  const more = others > 0 ? `, and ${others} more error${others > 1 ? "s" : ""}` : "";
  const text = first
    ? quoteForeign("INDEX_INVALID", new HitagiError("INDEX_INVALID", first).message) + more
    : "The server finds no index";
  if (lenient && plugins > 0) return note(check, `The server reaches it: ${plugins} plugins. ${text}`);
  const hint = `Ask the registry's keeper to correct it. \`hitagi registry refresh ${id}\` fetches it again.`;
  return wrong(check, text, hint);
};

const trustFindings = ({ id, name, trust }: Registry): Finding[] =>
  (trust?.warnings ?? []).map(({ text }) =>
    note(`registry ${name}`, text, `\`hitagi registry show ${id}\` shows its keys and its head.`),
  );

/** Failures that often pass by themselves: a registry that is being published, or a slow cache. */
const PASSING: readonly string[] = ["REGISTRY_TORN", "REGISTRY_BEHIND"];

/** The last refresh, where it failed: what is reached now may still be refused, such as a head that went back. */
const refreshFindings = (check: string, { id, failure }: Registry): Finding[] => {
  if (!failure) return [];
  const { code, error, hint, at } = failure;
  return [
    (PASSING.includes(code) ? note : wrong)(
      check,
      `Its last refresh failed (${minuteText(at)}), and what was accepted before stays in use: ${quoteForeign(code, error)}`,
      `${hint} \`hitagi registry refresh ${id}\` tries it again.`,
    ),
  ];
};

const testRegistry = async (client: Client, registry: Registry): Promise<Finding[]> => {
  const check = `registry ${registry.name}`;
  if (registry.credential !== undefined) return [lastRefresh(check, registry)];
  try {
    const { name, provider, url, ref, path, folder, generateIndex } = registry;
    const body = { name, provider, url, ref, path, folder, generateIndex };
    const finding = foundFinding(check, registry, (await client.testRegistry({ body })).found);
    // One line is enough where it cannot be reached now either.
    return finding.state === "wrong" ? [finding] : [finding, ...refreshFindings(check, registry)];
  } catch (e) {
    return [failed(check, e)];
  }
};

/** Checks that the server reaches each of its registries, and notes what its owner should know of their heads. */
export const checkRegistries = remoteCheck("registries", async (client) => {
  const { registries } = await client.listRegistries({});
  const tested = await Promise.all(registries.map((registry) => testRegistry(client, registry)));
  return [...tested.flat(), ...registries.flatMap(trustFindings)];
});

/** Checks that the block lists are read. */
export const checkBlockLists = remoteCheck("block lists", async (client) => {
  const { lists } = await client.getBlockLists({});
  return lists.map(({ name, address, loaded, sequence, entries, failure }) => {
    const check = `block list ${name}`;
    const retry = "`hitagi policy blocks refresh` loads it again.";
    const why = failure ? `: ${quoteForeign(failure.code, failure.error)}` : "";
    if (loaded === null)
      return wrong(
        check,
        `It was never loaded, so that nothing is installed${why}`,
        `${failure?.hint ?? ""} ${retry} \`hitagi policy blocks remove ${name}\` follows it no longer.`.trim(),
      );
    const edition = `edition ${sequence} of ${minuteText(loaded)}, with ${entries} ${entries === 1 ? "entry" : "entries"}`;
    if (!failure) return ok(check, `It is read (${edition})`);
    return wrong(
      check,
      `${address} could not be read (${minuteText(failure.at)}), and ${edition}, stays in use${why}`,
      `${failure.hint} ${retry}`,
    );
  });
});

/** Kinds of problems that an owner has to act on. */
const TO_MEND: readonly LibraryProblem["kind"][] = [
  "broken",
  "unreadable",
  "duplicate",
  "link",
  "denied",
  "missing",
];
/** Files that are shown one by one. */
const MAX_FILES_SHOWN = 10;

/** Notes the files of the library that were not taken in. */
export const checkLibraryFiles = remoteCheck("library files", async (client) => {
  const { problems } = await client.listLibraryProblems({});
  const found = problems.filter(({ kind }) => TO_MEND.includes(kind));
  const left = problems.length - found.length;
  const rest = left > 0 ? `; ${left} more are ignored or no archives` : "";
  if (found.length === 0) return [ok("library files", `All archives were taken in${rest}`)];
  const shown = found
    .slice(0, MAX_FILES_SHOWN)
    .map(({ file, reason }) => note("library files", `${file}: ${reason}`));
  const hint = "`hitagi library problems` lists all.";
  return [
    ...shown,
    note("library files", `${found.length} files were not taken in or cannot be read${rest}`, hint),
  ];
});
