import licences from "virtual:licences";
import { useCall } from "../app/calls.ts";
import { Mark } from "../design/mark.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useTexts } from "../texts/texts.ts";

/** The version, the calls, and what the page is made of. */
const AboutPart = () => {
  const { t } = useTexts();
  const asked = useCall("getInfo", {});
  return (
    <>
      <Section title={t("server.part.about")}>
        <Asked of={asked}>
          {({ version }) => (
            <Card>
              <Row lead={<Mark />} title={`Hitagi ${version}`} about={t("server.aboutText")} />
              <Row title={<a href="/api/docs/">{t("server.calls")}</a>} about={t("server.callsAbout")} />
            </Card>
          )}
        </Asked>
      </Section>
      <Section title={t("server.licences")} about={t("server.licencesAbout")}>
        <Card>
          <ul>
            {licences.map(({ name, version, licence }) => (
              <li key={name}>
                <Row title={name} facts={`${version} · ${licence}`} />
              </li>
            ))}
          </ul>
        </Card>
      </Section>
    </>
  );
};

export default AboutPart;
