import { History } from "lucide-react";
import { EntryLine } from "../activity/history-line.tsx";
import { useCall } from "../app/calls.ts";
import { Empty } from "../design/empty.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

/** What changed an archive, when, and what its texts were before and after. */
export const ArchiveChanges = ({ id }: { id: string }) => {
  const { t } = useTexts();
  const history = useCall("listHistory", { query: { archive: id, size: 50 } });
  return (
    <Section title={t("library.changes")}>
      <Asked of={history}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={History} title={t("library.changes.none")} text={t("library.changes.noneText")} />
          ) : (
            <Card>
              <ul>
                {items.map((entry) => (
                  <li key={entry.id}>
                    <EntryLine entry={entry} isAbout="archive" />
                  </li>
                ))}
              </ul>
            </Card>
          )
        }
      </Asked>
    </Section>
  );
};
