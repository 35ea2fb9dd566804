import { isHitagiError, type Namespace, type OfferedDetail, type Requirements } from "@hitagi/contract";
import { objectionTo } from "../../catalog/update-choices.ts";
import { compareBuilds } from "../../catalog/version-choice.ts";
import { parseVersion } from "../../semantic-version.ts";
import type { InstallDeps } from "../deps.ts";
import type { Candidate } from "./solve.ts";

type Offer = OfferedDetail["versions"][number];

/** Where the plugins that another one needs may come from. */
export interface Sources {
  /** The registry of the plugin that needs them. */
  registry: string;
  /** Whether other registries count too, by the owner's word. */
  others: boolean;
}

/** The offers of a plugin, by all registries. */
export const offersOf = async (
  { catalog }: Pick<InstallDeps, "catalog">,
  namespace: Namespace,
): Promise<OfferedDetail[]> => {
  try {
    return await catalog.offers(namespace);
  } catch (error) {
    if (isHitagiError(error, "PLUGIN_NOT_OFFERED", "PLUGIN_YANKED")) return [];
    throw error;
  }
};

/** What an offered version needs, as far as it is known before its file is loaded. */
export const requirementsOfOffer = async (
  { artifacts, previewCache }: Pick<InstallDeps, "artifacts" | "previewCache">,
  { details }: Pick<OfferedDetail, "details">,
  { version, sha256 }: Pick<Offer, "version" | "sha256">,
): Promise<Requirements[]> => {
  const said = details?.versions.find((one) => one.version === version)?.requires;
  const manifest = previewCache.get(sha256)?.manifest ?? (await artifacts.manifest(sha256));
  return [said, manifest?.requires].filter((one) => one !== undefined);
};

/** Releases before prereleases, the newest first. */
const bestFirst = (a: Offer, b: Offer): number => {
  const [x, y] = [a, b].map(({ version }) => parseVersion(version)?.prerelease.length !== 0);
  return Number(x) - Number(y) || compareBuilds(b.version, a.version);
};

/**
 * The versions of a plugin that may be in place after an install, the best first: the installed one, then the newest. An installed plugin
 * is only upgraded, from its own registry, within what its owner decided about its updates; a yanked version is never chosen.
 */
export const candidatesOf = async (
  deps: Pick<InstallDeps, "catalog" | "active" | "artifacts" | "previewCache">,
  { registry, others }: Sources,
  namespace: Namespace,
): Promise<Candidate[]> => {
  const installed = deps.active.get(namespace);
  const stays: Candidate[] = installed
    ? [
        {
          ...{ namespace, version: installed.manifest.version, registry: installed.registry },
          ...{ requires: [], isInstalled: true },
        },
      ]
    : [];
  if (installed && installed.registry === null) return stays;
  const isSource = (id: string): boolean =>
    (id === registry || others) && (!installed || installed.registry === id);
  const isChoice = ({ version }: Offer): boolean =>
    !installed ||
    (compareBuilds(version, installed.manifest.version) > 0 &&
      objectionTo(installed.updates ?? {}, version, false) === undefined);
  const offers = (await offersOf(deps, namespace)).filter((offer) => isSource(offer.registry));
  // The plugin's own registry comes first.
  offers.sort((a, b) => Number(b.registry === registry) - Number(a.registry === registry));
  const found: Candidate[] = [];
  for (const offer of offers) {
    const yanked = new Set(offer.details?.yanked.map(({ version }) => version));
    const choices = offer.versions.filter((one) => !yanked.has(one.version) && isChoice(one));
    for (const one of choices.sort(bestFirst)) {
      const requires = await requirementsOfOffer(deps, offer, one);
      found.push({
        ...{ namespace, version: one.version, registry: offer.registry },
        ...{ requires, isInstalled: false },
      });
    }
  }
  return [...stays, ...found];
};
