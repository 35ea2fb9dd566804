import type { BlockHit } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { useChange } from "../app/calls.ts";
import { type CallOutput, client } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { When } from "../design/when.tsx";
import { AllowButton } from "../plugins/plugin-trust.tsx";
import { useTexts } from "../texts/texts.ts";

/** Lets the block lists count for a plugin again. */
const DisallowButton = ({ namespace }: { namespace: string }) => {
  const { t } = useTexts();
  const disallow = useChange("disallowBlockedPlugin");
  const params = { namespace: namespace as never };
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={disallow.busy}
      aria-label={t("server.disallowOf", { name: namespace })}
      onClick={() =>
        void disallow.run(
          { params },
          {
            done: t("server.disallowed", { name: namespace }),
            undo: () => client.allowBlockedPlugin({ params }),
          },
        )
      }
    >
      {t("server.disallow")}
    </Button>
  );
};

const HitRow = ({ hit: { namespace, version, list, action, reason, allowed } }: { hit: BlockHit }) => {
  const { t } = useTexts();
  const outcome = allowed ? "allowed" : action;
  const tone = { allowed: "info", block: "bad", warn: "warn" } as const;
  return (
    <Row
      title={
        <>
          {namespace} {version} <Chip tone={tone[outcome]}>{t(`server.hit.${outcome}`)}</Chip>
        </>
      }
      about={reason}
      facts={list}
      actions={!allowed && action === "block" && <AllowButton namespace={namespace} name={namespace} />}
    />
  );
};

/** The installed plugins that a list names, and those that are allowed all the same. */
export const BlockHits = ({ hits, allowed }: Pick<CallOutput<"getBlockLists">, "hits" | "allowed">) => {
  const { t } = useTexts();
  return (
    <>
      {hits.length > 0 && (
        <Section title={t("server.hits")} about={t("server.hitsAbout")}>
          <Card>
            <ul>
              {hits.map((hit) => (
                <li key={`${hit.namespace} ${hit.list} ${hit.kind}`}>
                  <HitRow hit={hit} />
                </li>
              ))}
            </ul>
          </Card>
        </Section>
      )}
      {allowed.length > 0 && (
        <Section title={t("server.allowed")} about={t("server.allowedAbout")}>
          <Card>
            <ul>
              {allowed.map(({ namespace, since }) => (
                <li key={namespace}>
                  <Row
                    title={namespace}
                    facts={<When at={since} />}
                    actions={<DisallowButton namespace={namespace} />}
                  />
                </li>
              ))}
            </ul>
          </Card>
        </Section>
      )}
    </>
  );
};
