import type { BlockList } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { useChange } from "../app/calls.ts";
import { client } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { Row } from "../design/row.tsx";
import { Ticked } from "../design/ticked.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";

/** One block list: whose it is, how old its edition is, why it could not be loaded, and its removal. */
export const BlockListRow = ({ list }: { list: BlockList }) => {
  const { t } = useTexts();
  const remove = useChange("removeBlockList");
  const { name, address, key, loaded, sequence, entries, ignored, failure } = list;
  const body = { name, address, ...(key !== null && { key }) };
  return (
    <Row
      title={
        <>
          {name}
          {loaded === null && <Chip tone="bad">{t("server.listNever")}</Chip>}
          {failure && loaded !== null && <Chip tone="warn">{t("server.listOld")}</Chip>}
        </>
      }
      about={
        <>
          {address}
          {key && <span className={classes.below}>{t("server.listKey", { key })}</span>}
          {ignored > 0 && (
            <span className={classes.below}>{t("server.listIgnored", { count: ignored })}</span>
          )}
          {failure && (
            <span className={classes.below}>
              <Ticked text={failure.error} />
            </span>
          )}
        </>
      }
      facts={
        loaded !== null && (
          <>
            <span>{t("server.listEntries", { count: entries })}</span>
            {sequence !== null && <span>{t("server.listEdition", { sequence })}</span>}
            <span>
              {t("server.listLoaded")} <When at={loaded} />
            </span>
          </>
        )
      }
      actions={
        <Button
          variant="default"
          size="compact-sm"
          loading={remove.busy}
          aria-label={t("server.dropOf", { name })}
          onClick={() =>
            void remove.run(
              { params: { name } },
              { done: t("server.dropped", { name }), undo: () => client.addBlockList({ body }) },
            )
          }
        >
          {t("server.drop")}
        </Button>
      }
    />
  );
};
