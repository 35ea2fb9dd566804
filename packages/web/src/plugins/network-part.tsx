import type { InstalledPlugin } from "@hitagi/contract";
import { Globe } from "lucide-react";
import { useCall } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { Rows } from "../design/rows.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";

/** The latest requests of the plugin, with those that were refused. */
export const NetworkPart = ({ plugin: { namespace } }: { plugin: InstalledPlugin }) => {
  const { t, number, bytes } = useTexts();
  const asked = useCall("getNetworkLog", { params: { namespace } });
  return (
    <Section title={t("plugins.part.network")} about={t("plugins.networkAbout")}>
      <Asked of={asked}>
        {({ requests }) =>
          requests.length === 0 ? (
            <Empty icon={Globe} title={t("plugins.noRequests")} />
          ) : (
            <Card>
              <Rows
                items={requests}
                label={t("plugins.part.network")}
                keyOf={({ at }, index) => `${at} ${index}`}
              >
                {(one) => (
                  <Row
                    title={
                      <>
                        {one.method} {one.url}
                      </>
                    }
                    about={one.reason}
                    facts={
                      <>
                        <Chip tone={typeof one.outcome === "number" && one.outcome < 400 ? "good" : "bad"}>
                          {one.outcome}
                        </Chip>
                        <span>{bytes(one.bytes)}</span>
                        <span>{number(Math.round(one.ms))} ms</span>
                        <When at={one.at / 1000} />
                      </>
                    }
                  />
                )}
              </Rows>
            </Card>
          )
        }
      </Asked>
    </Section>
  );
};
