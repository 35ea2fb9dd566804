import type { CliCommand } from "../command.ts";
import { fieldPolicyCommands } from "./policy-fields.ts";
import { tagRuleCommands } from "./policy-tags.ts";
import { updatePolicyCommands } from "./policy-updates.ts";

/** `hitagi policy …`: the owner's rules for what plugins may change. */
export const policyCommands = (program: CliCommand): void => {
  const group = program
    .local("policy", "Your rules for what metadata plugins may change.")
    .examples("hitagi policy fields set title=if-empty", "hitagi policy tags add 'parody:* -> series:*'");
  fieldPolicyCommands(group);
  tagRuleCommands(group);
  updatePolicyCommands(group);
};
