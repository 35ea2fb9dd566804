import { receiverKinds } from "@hitagi/contract";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Bell } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { useConfirm } from "../design/confirm.tsx";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";

type Kind = (typeof receiverKinds)[number];

const AddReceiver = () => {
  const { t } = useTexts();
  const create = useChange("createReceiver", { showsError: true });
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("ntfy");
  const [url, setUrl] = useState("");
  const [mail, setMail] = useState({ from: "", to: "" });
  const [secret, setSecret] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const to = mail.to.split(/[\s,]+/).filter((one) => one !== "");
    const answer = await create.run(
      { body: { name, kind, url, ...(kind === "email" && { from: mail.from, to }) } },
      { done: t("server.receiverAdded", { name }) },
    );
    if (!answer) return;
    setSecret(answer.secret ?? null);
    setName("");
    setUrl("");
  };
  return (
    <Card padded>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <TextInput
          label={t("server.receiverName")}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
        />
        <NativeSelect
          label={t("server.receiverKind")}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as Kind)}
          data={receiverKinds.map((value) => ({ value, label: t(`server.kind.${value}`) }))}
        />
        <TextInput
          label={t("server.receiverUrl")}
          placeholder={kind === "email" ? "smtps://user@mail.example.org" : "https://…"}
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        {kind === "email" && (
          <>
            <TextInput
              label={t("server.mailFrom")}
              value={mail.from}
              onChange={(event) => setMail({ ...mail, from: event.currentTarget.value })}
            />
            <TextInput
              label={t("server.mailTo")}
              value={mail.to}
              onChange={(event) => setMail({ ...mail, to: event.currentTarget.value })}
            />
          </>
        )}
        {create.error && <FaultCard error={create.error} />}
        {secret !== null && (
          <p>
            {t("server.signingKey")} <code className={classes.secret}>{secret}</code>
          </p>
        )}
        <div>
          <Button type="submit" loading={create.busy} disabled={name === "" || url === ""}>
            {t("server.addReceiver")}
          </Button>
        </div>
      </form>
    </Card>
  );
};

/** Who gets messages of the server, each with a test. */
const NotificationsPart = () => {
  const { t, list } = useTexts();
  const confirm = useConfirm();
  const asked = useCall("listReceivers", {});
  const test = useChange("testReceiver");
  const drop = useChange("deleteReceiver");
  const remove = async (name: string) => {
    const yes = await confirm({
      title: t("server.dropTitle", { name }),
      consequence: t("server.dropText"),
      action: t("server.drop"),
    });
    if (yes) await drop.run({ params: { name } }, { done: t("server.dropped", { name }) });
  };
  return (
    <>
      <Section title={t("server.part.notifications")} about={t("server.notificationsAbout")}>
        <Asked of={asked}>
          {({ receivers }) =>
            receivers.length === 0 ? (
              <Empty icon={Bell} title={t("server.noReceivers")} text={t("server.noReceiversText")} />
            ) : (
              <Card>
                <ul>
                  {receivers.map(({ name, kind, address, causes, last }) => (
                    <li key={name}>
                      <Row
                        title={
                          <>
                            {name}
                            <Chip>{t(`server.kind.${kind}`)}</Chip>
                          </>
                        }
                        about={`${address} · ${list(causes.map((cause) => t(`server.cause.${cause}`)))}`}
                        facts={
                          last && (
                            <>
                              {last.outcome !== "ok" && <Chip tone="bad">{last.outcome}</Chip>}
                              <When at={last.at} />
                            </>
                          )
                        }
                        actions={
                          <>
                            <Button
                              variant="light"
                              size="compact-sm"
                              loading={test.busy}
                              onClick={() =>
                                void test.run({ params: { name } }, { done: t("server.tested", { name }) })
                              }
                            >
                              {t("server.test")}
                            </Button>
                            <Button variant="default" size="compact-sm" onClick={() => void remove(name)}>
                              {t("server.drop")}
                            </Button>
                          </>
                        }
                      />
                    </li>
                  ))}
                </ul>
              </Card>
            )
          }
        </Asked>
      </Section>
      <Section title={t("server.newReceiver")}>
        <AddReceiver />
      </Section>
    </>
  );
};

export default NotificationsPart;
