import { useChange } from "../app/calls.ts";
import { type CallInput, type CallOutput, client } from "../app/client.ts";
import { useTexts } from "../texts/texts.ts";

export type InstallPolicy = CallOutput<"getInstallPolicy">;
type Change = CallInput<"changeInstallPolicy">["body"];

/** Changes rules. @param undo the change that takes it back */
export type SetInstallPolicy = (change: Change, undo: Change) => Promise<unknown>;

/** The function that changes the rules for installs, with an undo, and whether it runs. */
export const useInstallPolicyChange = (): { set: SetInstallPolicy; busy: boolean } => {
  const { t } = useTexts();
  const change = useChange("changeInstallPolicy");
  return {
    set: (body, undo) =>
      change.run(
        { body },
        { done: t("server.policySaved"), undo: () => client.changeInstallPolicy({ body: undo }) },
      ),
    busy: change.busy,
  };
};
