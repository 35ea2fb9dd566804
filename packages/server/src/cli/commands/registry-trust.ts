import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type HeadRelation,
  HitagiError,
  isHitagiError,
  type Output,
  type RegistryIdentity,
  type RegistryTrust,
} from "@hitagi/contract";
import { minuteText } from "../../clock.ts";
import { readAddress } from "../../net/read-address.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { agoText } from "../format.ts";
import { type Io, readStdin } from "../io.ts";
import { chooseRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";
import { record } from "../table.ts";
import { sayUndo } from "../undo.ts";

const identityLines = (identity: RegistryIdentity | null): string[] =>
  identity === null
    ? ["none: it is not signed"]
    : [identity.origin, identity.fingerprint, identity.words].filter((part) => part !== "");

/** When the keeper signed the head, and by when another one is promised. */
const headAgeLine = ({ signed, renew }: RegistryTrust): string[] =>
  signed === undefined
    ? []
    : [
        `The head was signed ${agoText(signed)} (${minuteText(signed)})${renew === undefined ? "" : `; another one is promised by ${minuteText(renew)}`}.`,
      ];

/** What is known of a registry's head, and what its owner should know. */
export const trustLines = (trust: RegistryTrust | undefined): string[] => {
  if (trust?.fingerprint === undefined) return ["It is not signed."];
  const { origin, fingerprint, words, epoch, sequence, accepted, warnings } = trust;
  const head = sequence === undefined ? "no head yet" : `head ${sequence} of epoch ${epoch}`;
  const when = accepted === undefined ? "" : `, accepted ${minuteText(accepted)}`;
  return [
    `Signed${origin === undefined ? "" : ` as ${origin}`}: ${head}${when}.`,
    `Fingerprint ${fingerprint}`,
    `In words: ${words}`,
    ...headAgeLine(trust),
    ...warnings.map(({ text }) => `warning: ${text}`),
  ];
};

interface TrustOptions {
  yes?: boolean;
  unsigned?: boolean;
  require?: boolean;
  optional?: boolean;
}

/** Says for one registry whether it must be signed. */
const requireSignature = async (
  { client, print, say }: Session,
  id: string,
  isRequired: boolean,
): Promise<void> => {
  const { requireAll = false, registries = [], exceptions = [] } = await client.getSignaturePolicy({});
  const without = (ids: readonly string[]) => ids.filter((one) => one !== id);
  const body = {
    registries: isRequired ? [...without(registries), id] : without(registries),
    exceptions: !isRequired && requireAll ? [...without(exceptions), id] : without(exceptions),
  };
  const { revision, ...policy } = await client.updateSignaturePolicy({ body });
  print(policy, () => (isRequired ? "It must be signed from now on." : "It need not be signed from now on."));
  const wasRequired = registries.includes(id) || (requireAll && !exceptions.includes(id));
  if (wasRequired !== isRequired)
    sayUndo(say, ["registry", "trust", id, wasRequired ? "--require" : "--optional"]);
};

/** Shows the pinned key and the one that the address shows, and pins the latter if the owner agrees. */
const trust = async (session: Session, name: string, options: TrustOptions): Promise<void> => {
  const { client, io } = session;
  const { id } = await chooseRegistry(client, name);
  if (options.require || options.optional) return requireSignature(session, id, options.require === true);
  const { pinned, found } = await client.readRegistryKeys({ params: { id } });
  session.say([
    "Pinned now:",
    ...identityLines(pinned),
    "",
    "Shown by its address:",
    ...identityLines(found),
    "",
  ]);
  if (found === null && !options.unsigned)
    throw new CommandFailed(
      "The registry shows no head, so there is no key to trust.",
      `To take it as an unsigned registry: \`hitagi registry trust ${id} --unsigned\`.`,
    );
  if (found !== null && options.unsigned)
    throw new CommandFailed(
      "The registry is signed, so that it is not taken as unsigned.",
      `Trust its key instead: \`hitagi registry trust ${id}\`.`,
    );
  const isSame = found !== null && found.fingerprint === pinned?.fingerprint;
  if (!isSame)
    await confirm(
      io,
      {
        what:
          found === null
            ? "From now on, anyone who controls its address can offer any file."
            : "From now on, only the shown key counts. Compare its words with what the keeper published elsewhere.",
        ask: found === null ? "Take it as an unsigned registry?" : "Trust the shown key?",
        does: "trust it",
      },
      options,
    );
  const answer = await client.trustRegistry({
    params: { id },
    body: { fingerprint: found?.fingerprint ?? null },
  });
  session.print(answer.trust, trustLines);
};

const HEAD_HINT =
  "Another server answers `/api/registries/<id>/head` with a key, and `/api/heads/<fingerprint>?origin=<origin>` where its owner switched that on.";

/** The text of a head from a file, standard input, or an address. */
const readOther = async (io: Io, place: string): Promise<string> => {
  if (place === "-") return readStdin(io);
  if (!/^https?:\/\//i.test(place)) return readFile(path.resolve(io.cwd, place), "utf8");
  const { MAX_NOTE_BYTES } = await import("@hitagi/trust");
  const url = new URL(place);
  const tooLarge = () =>
    new HitagiError("REQUEST_FAILED", {
      host: url.host,
      reason: `it is larger than ${MAX_NOTE_BYTES} bytes`,
    });
  try {
    return (await readAddress(url, MAX_NOTE_BYTES, tooLarge)).toString();
  } catch (error) {
    if (!isHitagiError(error, "REQUEST_FAILED")) throw error;
    throw new CommandFailed(`${place} gave no head: ${error.params.reason}.`, HEAD_HINT);
  }
};

const relationTexts: Record<HeadRelation, string> = {
  same: "same: both see the same head.",
  behind: "behind: the other one sees an earlier head, which yours follows.",
  ahead: "ahead: the other one sees a later head, which follows yours.",
  "newer-keys": "newer keys: the other one sees a later epoch.",
  "older-keys": "older keys: the other one sees an earlier epoch.",
  forked:
    "forked: you and the other one are shown different registries. Both heads are kept; send the file of `hitagi registry evidence <registry> --out evidence.txt` to the keeper.",
  "too-far": "too far apart to tell: neither head names the other.",
  "other-registry": "another registry: it has another origin or recovery key.",
};

const compare = async (session: Session, name: string, place: string): Promise<void> => {
  const { client, io } = session;
  const { id } = await chooseRegistry(client, name);
  const head = await readOther(io, place);
  if (head === "")
    throw new UsageError("The head is empty.", "Give a file, an address, or - for standard input.");
  const { relation } = await client.compareHead({ params: { id }, body: { head } });
  session.print({ relation }, () => relationTexts[relation]);
  if (relation === "forked" || relation === "other-registry")
    throw new CommandFailed("The heads contradict each other.", relationTexts[relation]);
};

type Evidence = Output<"listEvidence">["evidence"];

/** The notes, byte for byte, between lines that say what they are and how to verify them. */
const evidenceText = (evidence: Evidence): string =>
  evidence
    .map(
      ({ code, found, accepted, other }) =>
        `# ${code}, found ${new Date(found * 1000).toISOString()}. Each head below is a signed note: docs/spec-head.md.\n# the accepted head\n${accepted}# the other head\n${other}`,
    )
    .join("");

const evidence = async (session: Session, name: string, { out }: { out?: string }): Promise<void> => {
  const { client, io } = session;
  const { id } = await chooseRegistry(client, name);
  const { evidence: found } = await client.listEvidence({ params: { id } });
  if (found.length === 0)
    return session.print(found, () => "None: this server saw no heads that contradict each other.");
  if (out === undefined) return session.print(found, evidenceText);
  await writeFile(path.resolve(io.cwd, out), evidenceText(found), { flag: "wx" });
  session.print(found, () =>
    record({ Pairs: found.length, Latest: minuteText(found.at(-1)?.found ?? 0), "Written to": out }),
  );
};

interface FollowOptions {
  yes?: boolean;
  ignore?: boolean;
}

/** Follows a registry to where its keeper moved it. The server checks that the same keys are there. */
const follow = async (session: Session, name: string, options: FollowOptions): Promise<void> => {
  const { client, io } = session;
  const { id, url, trust } = await chooseRegistry(client, name);
  const params = { id };
  const address = trust?.movedTo;
  if (address === undefined)
    throw new CommandFailed(
      "Its keeper did not move it, or you declined the move.",
      `\`hitagi registry update ${id} --url …\` sets any address.`,
    );
  if (options.ignore) {
    const { trust: after } = await client.moveRegistry({ params, body: { address, follow: false } });
    return session.print(after, () => `It stays at ${url}. ${address} is not offered again.`);
  }
  const what = `Its keeper moved it from ${url ?? "here"} to ${address}.`;
  await confirm(io, { what, ask: "Follow it?", does: "follow it" }, options);
  const { trust: after } = await client.moveRegistry({ params, body: { address, follow: true } });
  session.print(after, () => [`It is read from ${address} now.`, ...trustLines(after)]);
  if (url !== undefined) session.say(`To undo: \`hitagi registry update ${id} --url ${url}\``);
};

/** `hitagi registry trust | follow | compare | evidence`: the keys and heads of signed registries. */
export const registryTrustCommands = (registry: CliCommand): void => {
  registry
    .remote(
      "trust <registry>",
      "Compare the key that a registry is pinned to with the one that it shows, and pin that one.",
    )
    .examples(
      "hitagi registry trust Example",
      "hitagi registry trust Example --unsigned",
      "hitagi registry trust Example --require",
    )
    .option("--unsigned", "take a registry that no longer signs as an unsigned one")
    .option("--require", "refuse the registry while it is not signed; asks nothing")
    .option("--optional", "take the registry unsigned too; asks nothing")
    .option("-y, --yes", "do not ask")
    .runRemote(trust);
  registry
    .remote(
      "follow <registry>",
      "Follow a registry to where its keeper moved it, if the same keys are there.",
    )
    .examples("hitagi registry follow Example", "hitagi registry follow Example --ignore")
    .option("--ignore", "stay at the address before, and do not be offered this move again")
    .option("-y, --yes", "do not ask")
    .runRemote(follow);
  registry
    .remote("compare <registry> <head>", "Compare the accepted head with one from another server or person.")
    .examples(
      "hitagi registry compare Example ./registry.head",
      "hitagi registry compare Example https://example.org/plugins/registry.head",
    )
    .runRemote(compare);
  registry
    .remote("evidence <registry>", "Show the signed heads of a registry that contradict each other.")
    .examples("hitagi registry evidence Example --out evidence.txt")
    .option("--out <file>", "write them to a new file")
    .runRemote(evidence);
};
