import { once } from "node:events";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { CliCommand } from "../command.ts";
import { wholeNumber } from "../option-values.ts";
import type { Printer } from "../session.ts";
import { untilStopped } from "../until-stopped.ts";

const preview = async ({ io, print }: Printer, place: string, { port }: { port: number }): Promise<void> => {
  const folder = path.resolve(io.cwd, place);
  const [{ readRegistryFolder }, { createPreviewServer }, { pageOf }, { readKeeperSettings }] =
    await Promise.all([
      import("../../keeper/registry-files.ts"),
      import("../../keeper/publish/preview-server.ts"),
      import("../../keeper/publish/catalog-page.ts"),
      import("../../keeper/keeper-settings.ts"),
    ]);
  await readRegistryFolder(folder);
  const settings = await readKeeperSettings(folder);
  const server = createPreviewServer(
    folder,
    () => readRegistryFolder(folder),
    (content) => pageOf(content, settings.address),
  );
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  print({ address }, () => [
    `${address} shows the registry as owners see it. Press Ctrl-C to end.`,
    `To try it on a server: \`hitagi registry add ${address}\`.`,
  ]);
  await untilStopped(io);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

/** `hitagi registry preview`: serves a registry's folder on this machine. */
export const registryPreviewCommand = (registry: CliCommand): void => {
  registry
    .local(
      "preview <folder>",
      "Serve a registry's folder on this machine, with its page for people. Needs no server.",
    )
    .examples("hitagi registry preview ./my-registry --port 8080")
    .option("--port <number>", "the port; 0 for any", wholeNumber(0, 65_535), 0)
    .option("--json", "print the data as JSON")
    .runLocal(preview);
};
