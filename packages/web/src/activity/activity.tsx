import "../design/choices.css";
import { Tabs } from "@mantine/core";
import { useAddress } from "../app/address.ts";
import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import { Batches } from "./batches.tsx";
import { HistoryList } from "./history-list.tsx";
import { Jobs } from "./jobs.tsx";
import { Schedules } from "./schedules.tsx";

const parts = { jobs: Jobs, batches: Batches, schedules: Schedules, history: HistoryList } as const;
const names = ["jobs", "batches", "schedules", "history"] as const;

/** What the server does, what it will do, and what was done. */
export const ActivityPage = () => {
  const { t } = useTexts();
  const { search, change } = useAddress();
  const tab = names.find((name) => name === search.tab) ?? "jobs";
  const Part = parts[tab];
  return (
    <Page title={t("app.activity")}>
      <Tabs
        value={tab}
        onChange={(next) => change({ tab: next ?? undefined, batch: undefined, state: undefined }, true)}
      >
        <Tabs.List aria-label={t("app.activity")}>
          {names.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`activity.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} pt="md">
          <Part />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
};
