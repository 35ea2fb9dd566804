import "../design/choices.css";
import { ApiError } from "@hitagi/contract";
import { Button, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import { CredentialFields, credentialBody, noCredential } from "./credential-fields.tsx";
import classes from "./registries.module.css";
import { addressOf } from "./registry-card.tsx";

type Found = CallOutput<"testRegistry">["found"];

/** What a test of an address found: a registry, or what is wrong with it. */
const FoundState = ({ found }: { found: Found }) => {
  const { t } = useTexts();
  const {
    usable,
    plugins,
    files,
    generateIndex,
    failure,
    faults = [],
    faultCount = 0,
    wants,
    provider,
  } = found;
  return (
    <div className={classes.found} role="status">
      <div className={classes.head}>
        <Chip tone={usable ? "good" : "warn"}>
          {t(usable ? "registries.test.good" : "registries.test.bad")}
        </Chip>
        <span className={classes.address}>
          {provider} · {addressOf(found)}
        </span>
      </div>
      {plugins !== undefined && <span>{t("registries.plugins", { count: plugins })}</span>}
      {generateIndex && <span>{t("registries.test.noIndex", { count: files ?? 0 })}</span>}
      {wants && <span>{t("registries.test.wants")}</span>}
      {failure && <FaultCard error={new ApiError(502, failure)} cure={<span />} />}
      {faultCount > 0 && (
        <ul className={classes.faults}>
          {faults.slice(0, 20).map(({ path, reason }) => (
            <li key={`${path} ${reason}`}>
              <code>{path}</code> {reason}
            </li>
          ))}
          {faultCount > 20 && <li>{t("registries.moreFaults", { count: faultCount - 20 })}</li>}
        </ul>
      )}
    </div>
  );
};

/** Adds a registry: any address is pasted and tested first; nothing is stored until it is added. */
export const AddRegistry = ({ onEnd }: { onEnd: () => void }) => {
  const { t } = useTexts();
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [isLenient, setLenient] = useState(false);
  const [credential, setCredential] = useState(noCredential);
  const [found, setFound] = useState<Found | null>(null);
  const test = useChange("testRegistry", { showsError: true });
  const create = useChange("createRegistry", { showsError: true });
  const tryIt = async (event: FormEvent) => {
    event.preventDefault();
    create.reset();
    setFound(null);
    const answer = await test.run({ body: { address: address.trim(), ...credentialBody(credential) } });
    if (!answer) return;
    setFound(answer.found);
    setName((before) => (before === "" ? answer.found.name : before));
  };
  const add = async () => {
    if (!found) return;
    const { provider, url, ref, path, folder, generateIndex } = found;
    const body = {
      ...{ name: name.trim() || found.name, provider, refresh: true, lenient: isLenient },
      ...(url !== undefined && { url }),
      ...(ref !== undefined && { ref }),
      ...(path !== undefined && { path }),
      ...(folder !== undefined && { folder }),
      ...(generateIndex && { generateIndex }),
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
              <FoundState found={found} />
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
            <Button disabled={!found} loading={create.busy} onClick={() => void add()}>
              {t("registries.addThis")}
            </Button>
          </div>
        </form>
      </Card>
    </Section>
  );
};
