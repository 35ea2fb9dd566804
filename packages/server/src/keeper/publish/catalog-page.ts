import type {
  IndexPlugin,
  PluginDetails,
  RegistryDetails,
  RegistryIndex,
  RequestedPermissions,
} from "@hitagi/contract";
import { fingerprintOf } from "@hitagi/trust";
import type { RegistryContent } from "../registry-files.ts";
import { compareVersions } from "../versions.ts";
import { addAddress } from "./badge.ts";

interface CatalogPage {
  index: RegistryIndex;
  details: RegistryDetails | undefined;
  /** Where owners reach the registry; undefined if it is not known. */
  address: string | undefined;
  /** The fingerprint as words; undefined if it is not signed. */
  words: string | undefined;
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);

const link = (address: string | undefined, text: string): string =>
  address === undefined ? "" : `<a rel="noreferrer nofollow" href="${escaped(address)}">${escaped(text)}</a>`;

/** What a plugin asks for, in words. */
const asksFor = ({ net = [], library, files }: RequestedPermissions): string => {
  const all = [
    ...net,
    ...(library === undefined ? [] : [`the library (${library})`]),
    ...(files === undefined ? [] : [`files: ${files}`]),
  ];
  return all.length === 0 ? "no permissions" : all.join(", ");
};

const versionItem = (version: string, published: string, changelog: string | undefined): string =>
  `<li><b>${escaped(version)}</b> <time>${escaped(published.slice(0, 10))}</time>${
    changelog === undefined ? "" : `<pre>${escaped(changelog)}</pre>`
  }</li>`;

const pluginSection = (plugin: IndexPlugin, details: PluginDetails | undefined): string => {
  const versions = Object.values(plugin.versions)
    .sort((a, b) => compareVersions({ ...a, namespace: "" }, { ...b, namespace: "" }))
    .reverse();
  const [newest] = versions;
  if (!newest) return "";
  const permissions = details?.versions?.[newest.version]?.permissions;
  const facts = [
    `${plugin.type} plugin`,
    `by ${escaped(newest.author)}`,
    escaped(details?.licence ?? ""),
    permissions ? `asks for: ${escaped(asksFor(permissions))}` : "",
    link(details?.homepage, "homepage"),
    link(details?.source, "source"),
  ].filter(Boolean);
  const { deprecated, icon, readme } = details ?? {};
  return `<section id="${plugin.namespace}">
<h2>${icon === undefined ? "" : `<img alt="" width="24" height="24" src="${icon}"> `}${escaped(newest.name)} <small>${escaped(newest.version)}</small></h2>
<p>${escaped(newest.description)}</p>
${deprecated ? `<p class="warning">No longer maintained. ${escaped(deprecated.reason ?? "")} ${deprecated.replacement ? `Use ${escaped(deprecated.replacement)}.` : ""}</p>` : ""}
<p class="facts">${facts.join(" · ")}</p>
<p><code>hitagi install ${plugin.namespace}</code></p>
${readme === undefined ? "" : `<details><summary>Readme</summary><pre>${escaped(readme)}</pre></details>`}
<details><summary>Versions</summary><ul>${versions
    .map(({ version, published_at }) =>
      versionItem(version, published_at, details?.versions?.[version]?.changelog),
    )
    .join("\n")}</ul></details>
</section>`;
};

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f;background:#fff}
section{border-top:1px solid #d5d5dc;padding:.5rem 0 1rem}h2{margin:.5rem 0;font-size:1.2rem}small,time,.facts{color:#5b5b66;font-size:.9rem}
pre{white-space:pre-wrap;font:14px/1.45 ui-monospace,monospace}code{background:#f1f1f5;padding:.15rem .35rem;border-radius:4px;overflow-wrap:anywhere}
.warning{color:#8a4b00}@media(prefers-color-scheme:dark){body{color:#e6e6ea;background:#17171b}code{background:#26262d}section{border-color:#34343d}small,time,.facts{color:#a2a2ae}.warning{color:#f0b060}}`;

/** The page for people of a registry: static, without scripts, the same for the same registry. */
const catalogPage = ({ index, details, address, words }: CatalogPage): string => {
  const name = details?.name ?? address ?? "A plugin registry";
  const plugins = Object.values(index.plugins);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(name)}</h1>
<p>${escaped(details?.description ?? "")}</p>
<p>${[link(details?.homepage, "homepage"), escaped(details?.contact ?? "")].filter(Boolean).join(" · ")}</p>
<h2>Add it</h2>
<p><code>hitagi registry add ${escaped(address ?? "ADDRESS")}</code></p>
${address === undefined ? "" : `<p>${link(addAddress(address), "Add it in the page of your own server")}, or open <code>/registries?add=${escaped(encodeURIComponent(address))}</code> there.</p>`}
${words === undefined ? "<p>It is not signed.</p>" : `<p>It is signed. Compare these words when you add it: <b>${escaped(words)}</b></p>`}
<h2>${plugins.length === 1 ? "1 plugin" : `${plugins.length} plugins`}</h2>
${plugins.map((plugin) => pluginSection(plugin, details?.plugins[plugin.namespace])).join("\n")}
</body>
</html>
`;
};

/** The page of a registry. */
export const pageOf = ({ index, details, head }: RegistryContent, address: string | undefined): string =>
  catalogPage({ index, details, address, words: head && fingerprintOf(head.recovery).words });
