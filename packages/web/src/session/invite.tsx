import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Mark } from "../design/mark.tsx";
import { useTexts } from "../texts/texts.ts";
import { takeSession } from "./session.ts";
import classes from "./sign-in.module.css";

/**
 * Where a code of another browser leads. It signs in only after a press: programs that look at links in messages would use the code up.
 * The code is in the fragment, which no server sees.
 */
export const InvitePage = () => {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const accept = async () => {
    setBusy(true);
    try {
      takeSession(await client.acceptInvite({ body: { code: location.hash.slice(1) } }));
      await navigate({ to: "/", replace: true });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className={classes.whole}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Mark size={40} />
          <h1>{t("session.inviteTitle")}</h1>
          <p className={classes.about}>{t("session.inviteAbout")}</p>
        </div>
        {error !== null && <FaultCard error={error} />}
        <Button size="md" loading={busy} onClick={() => void accept()} fullWidth>
          {t("session.inviteAccept")}
        </Button>
      </div>
    </main>
  );
};
