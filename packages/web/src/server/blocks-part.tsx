import { Button } from "@mantine/core";
import { ListX } from "lucide-react";
import { useCall, useChange } from "../app/calls.ts";
import { Empty } from "../design/empty.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import { AddBlockList } from "./add-block-list.tsx";
import { BlockHits } from "./block-hits.tsx";
import { BlockListRow } from "./block-list-row.tsx";

/** The block lists, what they name of what is installed, and the plugins that are allowed all the same. */
const BlocksPart = () => {
  const { t } = useTexts();
  const asked = useCall("getBlockLists", {});
  const refresh = useChange("refreshBlockLists");
  return (
    <Asked of={asked}>
      {({ lists, hits, allowed }) => (
        <>
          <Section
            title={t("server.part.blocks")}
            about={t("server.blocksAbout")}
            actions={
              lists.length > 0 && (
                <Button variant="default" loading={refresh.busy} onClick={() => void refresh.run({})}>
                  {t("server.listsLoad")}
                </Button>
              )
            }
          >
            {lists.length === 0 ? (
              <Empty icon={ListX} title={t("server.noLists")} text={t("server.noListsText")} />
            ) : (
              <Card>
                <ul>
                  {lists.map((list) => (
                    <li key={list.name}>
                      <BlockListRow list={list} />
                    </li>
                  ))}
                </ul>
              </Card>
            )}
          </Section>
          <BlockHits hits={hits} allowed={allowed} />
          <Section title={t("server.newList")}>
            <AddBlockList />
          </Section>
        </>
      )}
    </Asked>
  );
};

export default BlocksPart;
