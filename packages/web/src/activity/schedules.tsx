import "../design/choices.css";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { CalendarClock } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { type CallInput, type CallOutput, client } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Ticked } from "../design/ticked.tsx";
import { When } from "../design/when.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./activity.module.css";

type Schedule = CallOutput<"listSchedules">["schedules"][number];
type Work = CallInput<"createSchedule">["body"]["work"];

const works = ["refresh", "upgrade", "chain"] as const;
const PLUGIN = "plugin:";

const workOf = (chosen: string): Work => {
  if (chosen.startsWith(PLUGIN)) return { kind: "batch", plugin: chosen.slice(PLUGIN.length) };
  return chosen === "chain" ? { kind: "batch" } : { kind: chosen === "upgrade" ? "upgrade" : "refresh" };
};

const ScheduleLine = ({ schedule }: { schedule: Schedule }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const run = useChange("runSchedule");
  const update = useChange("updateSchedule");
  const remove = useChange("deleteSchedule");
  const { id, title, when, zone, work, state, next, last, problem } = schedule;
  const params = { id };
  const isPaused = state === "paused";
  const pause = (paused: boolean) => client.updateSchedule({ params, body: { paused } });
  return (
    <li className={classes.entry}>
      <div className={classes.entryLine}>
        <span className={classes.entryWords}>
          <strong>{title}</strong> <span className={classes.soft}>{`${when} (${zone})`}</span>
        </span>
        {state !== "waiting" && (
          <Chip tone={isPaused ? "warn" : "accent"}>{t(`activity.schedule.${state}`)}</Chip>
        )}
        {last?.outcome && last.outcome !== "ok" && (
          <Chip tone="bad">
            {last.failed === undefined
              ? last.outcome
              : t("activity.someFailed", { failed: last.failed, total: last.total ?? last.failed })}
          </Chip>
        )}
        <span className={classes.entryWho}>
          {next === null ? null : (
            <>
              {t("activity.schedule.next")} <When at={next} />
            </>
          )}
        </span>
        {mayManage && (
          <span className={classes.buttons}>
            <Button
              size="compact-sm"
              variant="default"
              loading={run.busy}
              onClick={() => void run.run({ params }, { done: t("activity.schedule.started") })}
            >
              {t("activity.schedule.run")}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              loading={update.busy}
              onClick={() =>
                void update.run(
                  { params, body: { paused: !isPaused } },
                  {
                    done: t(isPaused ? "activity.schedule.resumed" : "activity.schedule.pausedNow"),
                    undo: () => pause(isPaused),
                  },
                )
              }
            >
              {t(isPaused ? "activity.schedule.resume" : "activity.schedule.pause")}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              loading={remove.busy}
              onClick={() =>
                void remove.run(
                  { params },
                  {
                    done: t("activity.schedule.removed"),
                    undo: () => client.createSchedule({ body: { when, zone, work } }),
                  },
                )
              }
            >
              {t("activity.schedule.remove")}
            </Button>
          </span>
        )}
      </div>
      {problem && (
        <div className={classes.fault}>
          <span>
            {t("activity.schedule.problem")} <Ticked text={problem.message} />
          </span>
          <span className={classes.soft}>
            <Ticked text={problem.hint} />
          </span>
        </div>
      )}
    </li>
  );
};

/** Makes a schedule: what it starts, and when, in words or cron's fields. */
const NewSchedule = () => {
  const { t } = useTexts();
  const [when, setWhen] = useState("every day 03:00");
  const [what, setWhat] = useState<string>("refresh");
  const plugins = useCall("listPlugins", { params: { type: "metadata" } });
  const create = useChange("createSchedule", { showsError: true });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    await create.run({ body: { when, zone, work: workOf(what) } }, { done: t("activity.schedule.added") });
  };
  return (
    <Section title={t("activity.schedule.new")}>
      <Card padded>
        <form className={classes.form} onSubmit={(event) => void submit(event)}>
          <NativeSelect
            label={t("activity.schedule.what")}
            value={what}
            onChange={(event) => setWhat(event.currentTarget.value)}
            data={[
              ...works.map((one) => ({ value: one as string, label: t(`activity.schedule.${one}`) })),
              ...(plugins.data ?? []).map(({ namespace, name }) => ({
                value: `${PLUGIN}${namespace}`,
                label: t("activity.schedule.plugin", { name }),
              })),
            ]}
          />
          <TextInput
            label={t("activity.schedule.when")}
            aria-describedby="when-hint"
            value={when}
            required
            withAsterisk={false}
            onChange={(event) => setWhen(event.currentTarget.value)}
          />
          <Button type="submit" loading={create.busy}>
            {t("activity.schedule.add")}
          </Button>
        </form>
        <p id="when-hint" className={classes.hint}>
          {t("activity.schedule.whenHint")}
        </p>
        {create.error !== null && <FaultCard error={create.error} />}
      </Card>
    </Section>
  );
};

/** The schedules with their next runs. */
export const Schedules = () => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const schedules = useCall("listSchedules", {});
  return (
    <div className={classes.stack}>
      <Asked of={schedules}>
        {({ schedules: all }) =>
          all.length === 0 ? (
            <Empty
              icon={CalendarClock}
              title={t("activity.schedule.none")}
              text={t("activity.schedule.noneText")}
            />
          ) : (
            <Card>
              <ul className={classes.bordered}>
                {all.map((schedule) => (
                  <ScheduleLine key={schedule.id} schedule={schedule} />
                ))}
              </ul>
            </Card>
          )
        }
      </Asked>
      {mayManage && <NewSchedule />}
    </div>
  );
};
