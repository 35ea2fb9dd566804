import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { create } from "tar";

interface Installed {
  folder: string;
  manifest: { name: string; version: string };
}

/** Every package that is installed in a workspace, by name and version; the lock knows where each is. */
const installedIn = (root: string): Map<string, Map<string, Installed>> => {
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8"));
  const found = new Map<string, Map<string, Installed>>();
  for (const place of Object.keys(lock.packages)) {
    const folder = path.join(root, place);
    if (!place.includes("node_modules/") || !existsSync(path.join(folder, "package.json"))) continue;
    const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    const versions = found.get(manifest.name) ?? new Map<string, Installed>();
    found.set(manifest.name, versions.set(manifest.version, { folder, manifest }));
  }
  return found;
};

const packument = (name: string, versions: Map<string, Installed>, base: string) => ({
  name,
  "dist-tags": { latest: [...versions.keys()].at(-1) },
  versions: Object.fromEntries(
    [...versions].map(([version, { manifest }]) => [
      version,
      { ...manifest, dist: { tarball: `${base}/-/${encodeURIComponent(name)}/${version}.tgz` } },
    ]),
  ),
});

/** A package registry on this machine, which npm itself installs from. */
export interface PackageRegistry {
  address: string;
  close(): void;
}

/** Opens a package registry that has what is installed in a workspace, and no other. */
export const openPackageRegistry = async (root: string): Promise<PackageRegistry> => {
  const packages = installedIn(root);
  const server = createServer((request, response) => {
    const parts = (request.url ?? "/").split("/").map(decodeURIComponent);
    const base = `http://${request.headers.host}`;
    const [name = "", file = ""] = parts[1] === "-" ? parts.slice(2) : [parts.slice(1).join("/")];
    const versions = packages.get(name);
    const installed = versions?.get(file.replace(/\.tgz$/, ""));
    if (installed) {
      const options = { cwd: installed.folder, prefix: "package", portable: true, gzip: { level: 1 } };
      create(options, ["."]).pipe(response);
    } else if (versions) response.end(JSON.stringify(packument(name, versions, base)));
    else response.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
