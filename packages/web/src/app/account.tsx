import { UserRound } from "lucide-react";
import { useSession } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./account.module.css";

/** Whose key this is, and the button to what belongs to this browser. */
export const Account = ({ onOpen }: { onOpen: () => void }) => {
  const { t } = useTexts();
  const { key, scope } = useSession();
  return (
    <button type="button" className={classes.account} onClick={onOpen} aria-haspopup="dialog">
      <UserRound size={16} aria-hidden />
      <span className={classes.name}>{key}</span>
      <span className={classes.scope}>{t(`app.scope.${scope}`)}</span>
    </button>
  );
};
