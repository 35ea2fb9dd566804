import type { CliCommand } from "../command.ts";
import { quotedRegistry } from "../format.ts";
import type { Session } from "../session.ts";
import { record } from "../table.ts";
import { sayUndo } from "../undo.ts";

interface SignatureOptions {
  requireAll?: boolean;
  answerHeads?: boolean;
}

/** Shows the rules for signatures, and changes those that are given. */
const signatures = async (session: Session, { requireAll, answerHeads }: SignatureOptions): Promise<void> => {
  const { client, print } = session;
  const changes = {
    ...(requireAll !== undefined && { requireAll }),
    ...(answerHeads !== undefined && { answerHeads }),
  };
  const before = await client.getSignaturePolicy({});
  const isChange = Object.keys(changes).length > 0;
  const policy = isChange ? await client.updateSignaturePolicy({ body: changes }) : before;
  const { registryNames, revision } = policy;
  const names = (ids: readonly string[]) =>
    ids.map((id) => quotedRegistry(registryNames, id)).join(", ") || "none";
  const { requireAll: all = false, registries = [], exceptions = [], answerHeads: answers = false } = policy;
  const shown = { revision, requireAll: all, registries, exceptions, answerHeads: answers, registryNames };
  print(shown, () =>
    record({
      "All must be signed": all,
      ...(all ? { "Except for": names(exceptions) } : { "These must be": names(registries) }),
      "Answers other servers": answers,
    }),
  );
  const undo = [
    ...(requireAll === undefined ? [] : [before.requireAll ? "--require-all" : "--no-require-all"]),
    ...(answerHeads === undefined ? [] : [before.answerHeads ? "--answer-heads" : "--no-answer-heads"]),
  ];
  if (isChange) sayUndo(session.say, ["policy", "signatures", ...undo]);
};

/** `hitagi policy signatures`: which registries must be signed. */
export const signaturePolicyCommands = (policy: CliCommand): void => {
  policy
    .remote("signatures", "Show or change which registries must be signed.")
    .examples("hitagi policy signatures", "hitagi policy signatures --require-all")
    .option("--require-all", "refuse every registry that is not signed")
    .option("--no-require-all", "take unsigned registries, except those that must be signed")
    .option("--answer-heads", "let other servers ask, without a key, for heads of registries that they know")
    .option("--no-answer-heads", "answer no other server")
    .runRemote(signatures);
};
