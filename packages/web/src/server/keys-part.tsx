import { type KeyInfo, type Scope, scopes } from "@hitagi/contract";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { useConfirm } from "../design/confirm.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";

/** Shows a key the only time that it can be shown. */
const NewKey = ({ shown }: { shown: string }) => {
  const { t } = useTexts();
  return (
    <Card padded>
      <p>{t("server.keyOnce")}</p>
      <code className={classes.secret}>{shown}</code>
    </Card>
  );
};

const CreateKey = ({ onMade }: { onMade: (key: string) => void }) => {
  const { t } = useTexts();
  const create = useChange("createKey", { showsError: true });
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("use");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await create.run({ body: { name: name.trim(), scope } });
    if (!answer) return;
    onMade(answer.key);
    setName("");
  };
  return (
    <Card padded>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <TextInput
          label={t("server.keyName")}
          description={t("server.keyNameAbout")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={t("server.keyScope")}
          value={scope}
          onChange={(event) => setScope(event.currentTarget.value as Scope)}
          data={scopes.map((value) => ({ value, label: t(`server.scope.${value}`) }))}
        />
        {create.error && <FaultCard error={create.error} />}
        <div>
          <Button type="submit" loading={create.busy} disabled={name.trim() === ""}>
            {t("server.makeKey")}
          </Button>
        </div>
      </form>
    </Card>
  );
};

const KeyRow = ({ info: { name, scope, lastUsed, expires } }: { info: KeyInfo }) => {
  const { t } = useTexts();
  const confirm = useConfirm();
  const revoke = useChange("revokeKey");
  const remove = async () => {
    const yes = await confirm({
      title: t("server.revokeTitle", { name }),
      consequence: t("server.revokeText"),
      action: t("server.revoke"),
    });
    if (yes) await revoke.run({ params: { name } }, { done: t("server.revoked", { name }) });
  };
  return (
    <Row
      title={
        <>
          {name}
          <Chip>{t(`app.scope.${scope}`)}</Chip>
        </>
      }
      about={
        lastUsed === null ? (
          t("server.neverUsed")
        ) : (
          <>
            {t("server.lastUsed")} <When at={lastUsed} />
          </>
        )
      }
      facts={
        expires !== null && (
          <span>
            {t("server.expires")} <When at={expires} />
          </span>
        )
      }
      actions={
        <Button
          variant="default"
          size="compact-sm"
          loading={revoke.busy}
          aria-label={t("server.revokeOf", { name })}
          onClick={() => void remove()}
        >
          {t("server.revoke")}
        </Button>
      }
    />
  );
};

/** The keys of programs and people, and the server's own. */
const KeysPart = () => {
  const { t } = useTexts();
  const confirm = useConfirm();
  const asked = useCall("listKeys", {});
  const rotate = useChange("rotateKey");
  const [shown, setShown] = useState<string | null>(null);
  const renew = async () => {
    const yes = await confirm({
      title: t("server.rotateTitle"),
      consequence: t("server.rotateText"),
      action: t("server.rotate"),
    });
    const answer = yes ? await rotate.run({}) : undefined;
    if (answer) setShown(answer.key);
  };
  return (
    <>
      {shown !== null && <NewKey shown={shown} />}
      <Section title={t("server.part.keys")} about={t("server.keysAbout")}>
        <Asked of={asked}>
          {({ keys }) => (
            <Card>
              <ul>
                <li>
                  <Row
                    title={
                      <>
                        api-key <Chip tone="accent">{t("server.ownKey")}</Chip>
                      </>
                    }
                    about={t("server.ownKeyAbout")}
                    actions={
                      <Button
                        variant="default"
                        size="compact-sm"
                        loading={rotate.busy}
                        onClick={() => void renew()}
                      >
                        {t("server.rotate")}
                      </Button>
                    }
                  />
                </li>
                {keys.map((info) => (
                  <li key={info.id}>
                    <KeyRow info={info} />
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </Asked>
      </Section>
      <Section title={t("server.newKey")}>
        <CreateKey onMade={setShown} />
      </Section>
    </>
  );
};

export default KeysPart;
