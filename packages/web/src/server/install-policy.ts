import { useChange } from "../app/calls.ts";
import { type CallInput, type CallOutput, client } from "../app/client.ts";
import { useTexts } from "../texts/texts.ts";

export type InstallPolicy = CallOutput<"getInstallPolicy">;
type Change = CallInput<"changeInstallPolicy">["body"];

/** Changes rules. @param undo the change that takes it back */
export type SetInstallPolicy = (change: Change, undo: Change) => Promise<unknown>;

/** The function that changes the rules for installs, with an undo. */
export const useSetInstallPolicy = (): SetInstallPolicy => {
  const { t } = useTexts();
  const change = useChange("changeInstallPolicy");
  return (body, undo) =>
    change.run(
      { body },
      { done: t("server.policySaved"), undo: () => client.changeInstallPolicy({ body: undo }) },
    );
};
