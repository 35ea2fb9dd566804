import { Link } from "@tanstack/react-router";
import { PartyPopper } from "lucide-react";
import { useCall } from "../app/calls.ts";
import { Chip, type Tone } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { Asked, Card, Page } from "../design/page.tsx";
import { Rows } from "../design/rows.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./problems.module.css";

const tones: Record<string, Tone> = { broken: "bad", missing: "bad", unreadable: "warn", denied: "warn" };

/** The files of the library that were not taken in or cannot be read, each with its reason. */
export const ProblemsPage = () => {
  const { t } = useTexts();
  const problems = useCall("listLibraryProblems", {});
  return (
    <Page title={t("library.problems")} about={<Link to="/library">{t("library.back")}</Link>}>
      <Asked of={problems}>
        {({ problems: found }) =>
          found.length === 0 ? (
            <Empty
              icon={PartyPopper}
              title={t("library.problems.none")}
              text={t("library.problems.noneText")}
            />
          ) : (
            <Card>
              <Rows items={found} label={t("library.problems")} keyOf={({ file, kind }) => `${kind} ${file}`}>
                {({ file, kind, reason, id }) => (
                  <div className={classes.line}>
                    <div className={classes.words}>
                      {id ? (
                        <Link to="/library/$id" params={{ id }}>
                          {file}
                        </Link>
                      ) : (
                        <span>{file}</span>
                      )}
                      <span className={classes.reason}>{reason}</span>
                    </div>
                    <Chip tone={tones[kind] ?? "plain"}>{t(`library.problem.${kind}`)}</Chip>
                  </div>
                )}
              </Rows>
            </Card>
          )
        }
      </Asked>
    </Page>
  );
};
