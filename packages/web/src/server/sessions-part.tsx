import { Button } from "@mantine/core";
import { useState } from "react";
import { encode } from "uqr";
import { useCall, useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import { deviceName } from "./device-name.ts";
import classes from "./server.module.css";

/** An address as a QR code: a square for each dark module. */
const QrCode = ({ text, label }: { text: string; label: string }) => {
  const { data, size } = encode(text);
  const path = data
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join("");
  return (
    <svg
      className={classes.code}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={path} fill="currentColor" />
    </svg>
  );
};

const Invite = () => {
  const { t } = useTexts();
  const create = useChange("createInvite");
  const [invite, setInvite] = useState<CallOutput<"createInvite"> | null>(null);
  const isLocal = invite !== null && /^(localhost|127\.|\[::1\])/.test(new URL(invite.address).host);
  return (
    <Section title={t("server.invite")} about={t("server.inviteAbout")}>
      {invite ? (
        <Card padded>
          <QrCode text={invite.address} label={t("server.inviteCode")} />
          <p>
            <code className={classes.secret}>{invite.address}</code>
          </p>
          <p className={classes.soft}>
            {isLocal ? t("server.inviteLocal") : t("server.inviteOnce")} <When at={invite.expires} />
          </p>
        </Card>
      ) : (
        <div>
          <Button
            loading={create.busy}
            onClick={() => void create.run({}).then((made) => made && setInvite(made))}
          >
            {t("server.makeInvite")}
          </Button>
        </div>
      )}
    </Section>
  );
};

/** The browsers that are signed in, and a code for one more. */
const SessionsPart = () => {
  const { t } = useTexts();
  const asked = useCall("listSessions", {});
  const end = useChange("endSession");
  return (
    <>
      <Section title={t("server.part.sessions")} about={t("server.sessionsAbout")}>
        <Asked of={asked}>
          {({ sessions }) => (
            <Card>
              <ul>
                {sessions.map(({ id, key, device, used, current }) => (
                  <li key={id}>
                    <Row
                      title={
                        <>
                          {deviceName(device) || t("server.unknownDevice")}
                          {current && <Chip tone="accent">{t("server.thisOne")}</Chip>}
                        </>
                      }
                      about={key}
                      facts={
                        <span>
                          {t("server.lastUsed")} <When at={used} />
                        </span>
                      }
                      actions={
                        !current && (
                          <Button
                            variant="default"
                            size="compact-sm"
                            onClick={() =>
                              void end.run({ params: { id } }, { done: t("server.sessionEnded") })
                            }
                          >
                            {t("server.endSession")}
                          </Button>
                        )
                      }
                    />
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </Asked>
      </Section>
      <Invite />
    </>
  );
};

export default SessionsPart;
