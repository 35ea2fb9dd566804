import path from "node:path";
import type { PushedPlace } from "../../keeper/publish/to-git.ts";
import type { RegistryContent } from "../../keeper/registry-files.ts";
import { CommandFailed } from "../failure.ts";
import { signalOf } from "../io.ts";
import { progressLine } from "../progress-line.ts";
import type { Printer } from "../session.ts";
import type { PlannedBuild } from "./registry-build.ts";

/** Where a folder that was pushed can be read, if the web shows it. */
export const pushedTo = async (folder: string, to: string): Promise<PushedPlace | undefined> => {
  if (to !== "git") return undefined;
  const { placeOfPushed } = await import("../../keeper/publish/to-git.ts");
  return placeOfPushed(folder);
};

const shownText = ({ index, head }: RegistryContent): string => {
  const count = Object.keys(index.plugins).length;
  const signed = head ? `, signed as head ${head.sequence} of epoch ${head.epoch}` : ", not signed";
  return `shows ${count === 1 ? "1 plugin" : `${count} plugins`}${signed}`;
};

const pushedText = (pushed: PushedPlace | undefined): string =>
  pushed === undefined
    ? "The repository"
    : [
        pushed.address,
        `on its branch ${pushed.ref}`,
        ...(pushed.folder === undefined ? [] : [`in its folder ${pushed.folder}`]),
      ].join(" ");

/** One line that says what is waited for: it is renewed on a terminal, and said once elsewhere. */
const waitingLine = ({ io, json, say }: Printer, address: string) => {
  const line = progressLine(io);
  let isSaid = false;
  return {
    show: (what: string): void => {
      const text = `Waiting for ${address}, which owners read: ${what}.`;
      if (io.stderr.isTTY === true && !json) line.show(() => text);
      else if (!isSaid) say(text);
      isSaid = true;
    },
    clear: () => line.clear(),
  };
};

/** What an address shows after a publication, in words. */
interface ReadBack {
  text: string;
  /** Whether it has what was published. */
  verified: boolean;
}

interface ReadBackOptions {
  /** Milliseconds to wait for caches. */
  timeoutMs: number;
  /** Where the repository can be read, if it was pushed. */
  pushed: PushedPlace | undefined;
}

/**
 * Reads the address as an owner's server does, until it shows what was published.
 * @throws CommandFailed if it has other bytes; what reading the address throws
 */
export const readBack = async (
  printer: Printer,
  address: string,
  content: RegistryContent,
  changes: PlannedBuild["changes"],
  { timeoutMs, pushed }: ReadBackOptions,
): Promise<ReadBack> => {
  const { io, say } = printer;
  const [
    { readPublishedRegistry, withPublishedRegistry },
    { awaitPublished, findUnpublished },
    { parseRegistryAddress },
  ] = await Promise.all([
    import("../../app/published-registry.ts"),
    import("../../keeper/publish/await-published.ts"),
    import("../registry-address.ts"),
  ]);
  const place = path.isAbsolute(address) ? address : parseRegistryAddress(address, io.cwd);
  const signal = signalOf(io);
  const line = waitingLine(printer, address);
  const look = () =>
    readPublishedRegistry(place, io.env, signal).catch((error: unknown) => {
      line.clear();
      say(`The files are published. ${address} could not be read.`);
      throw error;
    });
  /** Of a signed registry its head says where it is read; of another one nothing does. */
  const isElsewhere = async (): Promise<boolean> => {
    if (pushed === undefined || !content.head) return false;
    const there = await readPublishedRegistry(pushed, io.env, signal).catch(() => undefined);
    return there?.head?.sha256 === content.head.sha256;
  };
  const isThere = await awaitPublished(look, content, {
    ...{ timeoutMs, signal, isElsewhere },
    onWait: (what) => line.show(what),
  }).finally(line.clear);
  if (!isThere)
    return {
      text: `${pushedText(pushed)} ${shownText(content)}. ${address} shows no registry: it may be filled later, or \`address\` in keeper.json is not where owners read it. Look again with \`hitagi registry test ${address}\`.`,
      verified: false,
    };
  return withPublishedRegistry(place, io.env, signal, async (read) => {
    const wrong = await findUnpublished(read, content, changes);
    if (wrong.length > 0)
      throw new CommandFailed(
        `${address} does not have the published bytes of ${wrong.join(", ")}.`,
        "Check that the server sends the files as they are, and that they were uploaded.",
      );
    return { text: `${address} ${shownText(content)}.`, verified: true };
  });
};
