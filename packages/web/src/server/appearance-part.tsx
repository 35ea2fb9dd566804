import { Choices } from "../app/preferences.tsx";
import { Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

/** What this browser shows the page in. */
const AppearancePart = () => {
  const { t } = useTexts();
  return (
    <Section title={t("server.part.appearance")} about={t("server.appearanceAbout")}>
      <Card padded>
        <Choices />
      </Card>
    </Section>
  );
};

export default AppearancePart;
