import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { clientWithKey } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Mark } from "../design/mark.tsx";
import { useTexts } from "../texts/texts.ts";
import { type SignedIn, takeSession } from "./session.ts";
import classes from "./sign-in.module.css";

/** Asks for an API key. A first visit on the server's own machine is told where the key is. */
const SignIn = ({ firstVisit, keyFile }: Pick<SignedIn, "firstVisit" | "keyFile">) => {
  const { t } = useTexts();
  const [key, setKey] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      takeSession(await clientWithKey(key.trim()).signIn({}));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className={classes.whole}>
      <form className={classes.card} onSubmit={(event) => void submit(event)}>
        <div className={classes.brand}>
          <Mark size={40} />
          <h1>{firstVisit ? t("session.welcome") : t("session.title")}</h1>
          <p className={classes.about}>{firstVisit ? t("session.welcomeAbout") : t("session.about")}</p>
        </div>
        <PasswordInput
          label={t("session.key")}
          description={
            keyFile === null ? (
              t("session.keyWhere")
            ) : (
              <>
                {t("session.keyFile")} <code className={classes.file}>{keyFile}</code>
              </>
            )
          }
          name="key"
          autoComplete="current-password"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("session.showKey") }}
          required
          withAsterisk={false}
          autoFocus
          size="md"
        />
        {error !== null && <FaultCard error={error} />}
        <Button type="submit" size="md" loading={busy} disabled={key.trim() === ""} fullWidth>
          {t("session.signIn")}
        </Button>
      </form>
    </main>
  );
};

export default SignIn;
