import type { CliCommand } from "../command.ts";
import { blockListCommands } from "./policy-blocks.ts";
import { fieldPolicyCommands } from "./policy-fields.ts";
import { installPolicyCommands } from "./policy-installs.ts";
import { policyShowCommand } from "./policy-show.ts";
import { signaturePolicyCommands } from "./policy-signatures.ts";
import { tagRuleCommands } from "./policy-tags.ts";
import { updatePolicyCommands } from "./policy-updates.ts";

/** `hitagi policy …`: the owner's rules for what is installed and what plugins may change. */
export const policyCommands = (program: CliCommand): void => {
  const group = program
    .local("policy", "Your rules: what may be installed, what updates itself, and what plugins may change.")
    .examples(
      "hitagi policy show",
      "hitagi policy installs set age=48h sideloaded=off",
      "hitagi policy fields set title=if-empty",
      "hitagi policy tags add 'parody:* -> series:*'",
    );
  policyShowCommand(group);
  installPolicyCommands(group);
  blockListCommands(group);
  signaturePolicyCommands(group);
  fieldPolicyCommands(group);
  tagRuleCommands(group);
  updatePolicyCommands(group);
};
