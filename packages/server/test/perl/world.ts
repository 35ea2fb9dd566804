import { Readable } from "node:stream";
import { type PluginType, toNamespace } from "@hitagi/contract";
import type { Zippable } from "fflate";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { readConfig } from "../../src/config/config.ts";
import type { UseRequest } from "../../src/plugins/types.ts";
import { cbz } from "../library/cbz.ts";
import { type FixtureVersion, writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

export interface PerlPlugin {
  namespace: string;
  type: PluginType;
  /** The file's name without `.pm`, which the package ends with. */
  stem: string;
  version?: string;
  /** Perl code before plugin_info. */
  top?: string;
  /** Further fields of plugin_info. */
  info?: string;
  /** The entry point. */
  sub: string;
}

const folders = { metadata: "Metadata", download: "Download", login: "Login", script: "Scripts" } as const;

/** The text of a managed Perl plugin. */
export const perlPlugin = ({
  namespace,
  type,
  stem,
  version = "1.0.0",
  top = "",
  info = "",
  sub,
}: PerlPlugin) => `
package LANraragi::Plugin::Managed::${folders[type]}::${stem};
use strict; use warnings; use utf8;
${top}
sub plugin_info {
  return (name => "${stem}", type => "${type}", namespace => "${namespace}", author => "me", version => "${version}",
    description => "A plugin", ${info});
}
${sub}
1;
`;

/** A server without HTTP on a data folder; stopped when the test ends. */
export const openApp = async ({ perl = "1", data = "", perlFolder = "" } = {}) => {
  const folder = data || (await tempFolder());
  const env = {
    HITAGI_DATA: folder,
    HITAGI_PERL: perl,
    ...(perlFolder && { HITAGI_PERL_FOLDER: perlFolder }),
  };
  const app = await createApp(readConfig({}, env), pino({ level: "silent" }));
  onTestFinished(() => app.stop());
  await app.start();
  const { services } = app;
  const { plugins, installer, library } = services;

  const addRegistry = async (path: string): Promise<string> => {
    const { id } = await services.registries.create({ name: "r", provider: "local", path });
    await services.catalog.refresh(id);
    return id;
  };
  /** A registry of one Perl plugin, whose index entry is correct except for the given fields. */
  const offer = async (plugin: PerlPlugin, ...versions: Partial<FixtureVersion>[]): Promise<string> => {
    const path = await tempFolder();
    const entries = (versions.length > 0 ? versions : [{}]).map((over) => {
      const version = over.version ?? plugin.version ?? "1.0.0";
      const source = perlPlugin({ ...plugin, version });
      return { version, source, artifact: `plugins/${version}/${plugin.stem}.pm`, ...over };
    });
    await writeRegistry(path, [{ namespace: plugin.namespace, type: plugin.type, versions: entries }]);
    return addRegistry(path);
  };
  const install = async (plugin: PerlPlugin): Promise<void> => {
    await installer.install({
      namespace: toNamespace(plugin.namespace),
      registry: await offer(plugin),
      grant: true,
    });
  };
  const addArchive = (seed: string, files: Zippable = {}, fields: { title?: string; tags?: string } = {}) =>
    library.add({ filename: `${seed}.cbz`, stream: Readable.from([cbz(seed, files)]), ...fields });
  const run = async (namespace: string, request: Omit<UseRequest, "namespace"> = {}): Promise<unknown> =>
    (await plugins.use({ namespace: toNamespace(namespace), ...request })).data;

  return { ...services, app, folder, addRegistry, offer, install, addArchive, run };
};
