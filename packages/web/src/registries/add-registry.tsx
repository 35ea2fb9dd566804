import "../design/choices.css";
import { Button, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "../app/calls.ts";
import { useConfirm } from "../design/confirm.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import { CredentialFields, credentialBody, noCredential } from "./credential-fields.tsx";
import { type Found, FoundRegistry } from "./found-registry.tsx";
import classes from "./registries.module.css";

/** Whether the registry shows other keys than the address named, or none. */
const hasOtherKeys = ({ key, identity }: Found): boolean =>
  key !== undefined && key !== identity?.fingerprint;

/** Adds a registry: any address is pasted and tested first; nothing is stored until it is added, with the keys that were shown. */
export const AddRegistry = ({ offered, onEnd }: { offered: string; onEnd: () => void }) => {
  const { t } = useTexts();
  const [address, setAddress] = useState(offered);
  const [name, setName] = useState("");
  const [isLenient, setLenient] = useState(false);
  const [credential, setCredential] = useState(noCredential);
  const [found, setFound] = useState<Found | null>(null);
  const [isOther, setOther] = useState(false);
  const confirm = useConfirm();
  const test = useChange("testRegistry", { showsError: true });
  const create = useChange("createRegistry", { showsError: true });
  const tryIt = async (event: FormEvent) => {
    event.preventDefault();
    create.reset();
    setFound(null);
    const answer = await test.run({ body: { address: address.trim(), ...credentialBody(credential) } });
    if (!answer) return;
    setFound(answer.found);
    setOther(hasOtherKeys(answer.found));
    setName((before) => (before === "" ? answer.found.name : before));
  };
  const add = async () => {
    if (!found) return;
    const { provider, url, ref, path, folder, generateIndex, warnings = [] } = found;
    const key = found.identity?.fingerprint ?? found.key;
    for (const { message } of warnings) {
      const action = t("registries.addThis");
      if (!(await confirm({ title: t("registries.sure"), consequence: message, action }))) return;
    }
    const body = {
      ...{ name: name.trim() || found.name, provider, refresh: true, lenient: isLenient },
      ...(url !== undefined && { url }),
      ...(ref !== undefined && { ref }),
      ...(path !== undefined && { path }),
      ...(folder !== undefined && { folder }),
      ...(generateIndex && { generateIndex }),
      ...(key !== undefined && { key }),
      ...credentialBody(credential),
    };
    if (await create.run({ body }, { done: t("registries.added", { name: body.name }) })) onEnd();
  };
  return (
    <Section title={t("registries.add")}>
      <Card padded>
        <form className={classes.form} onSubmit={(event) => void tryIt(event)}>
          <div className={classes.row}>
            <TextInput
              label={t("registries.address")}
              description={t("registries.addressHint")}
              value={address}
              required
              withAsterisk={false}
              autoFocus
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => {
                setAddress(event.currentTarget.value);
                setFound(null);
              }}
            />
            <Button type="submit" variant="default" loading={test.busy} disabled={address.trim() === ""}>
              {t("registries.test")}
            </Button>
          </div>
          <CredentialFields value={credential} onChange={setCredential} />
          {test.error !== null && <FaultCard error={test.error} />}
          {found && (
            <>
              <FoundRegistry found={found} onOther={setOther} />
              <TextInput
                label={t("registries.name")}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <Switch
                label={t("registries.lenient")}
                description={t("registries.lenientHint")}
                checked={isLenient}
                onChange={(event) => setLenient(event.currentTarget.checked)}
              />
            </>
          )}
          {create.error !== null && <FaultCard error={create.error} />}
          <div className={classes.buttons}>
            <Button variant="default" onClick={onEnd}>
              {t("app.cancel")}
            </Button>
            <Button disabled={!found || isOther} loading={create.busy} onClick={() => void add()}>
              {t("registries.addThis")}
            </Button>
          </div>
        </form>
      </Card>
    </Section>
  );
};
