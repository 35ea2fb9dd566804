import type { Schedule, ScheduledWork, ScheduleRun } from "@hitagi/contract";
import { Argument } from "commander";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { failureText, UsageError } from "../failure.ts";
import { partsFailedText, zonedText } from "../format.ts";
import { ARCHIVE_ARGUMENT, chooseArchive } from "../lookup.ts";
import { wholeNumber } from "../option-values.ts";
import { sayProblems } from "../schedule-problems.ts";
import type { Session } from "../session.ts";
import { type Columns, record } from "../table.ts";
import { sayUndo } from "../undo.ts";

const kinds = ["run", "batch", "refresh", "upgrade"] as const;
type Kind = (typeof kinds)[number];

interface WorkOptions {
  archive?: string;
  arg?: string;
  plugin?: string;
  enabled?: boolean;
  bySource?: boolean;
  all?: boolean;
}

interface AddOptions extends WorkOptions {
  zone?: string;
}

const refuseNames = (kind: Kind, names: readonly string[]): void => {
  if (names.length > 0) throw new UsageError(`${kind} takes no names.`, `Leave out ${names.join(" ")}.`);
};

const runWork = async (
  session: Session,
  names: string[],
  { archive, arg }: WorkOptions,
): Promise<ScheduledWork> => {
  const [plugin, ...more] = names;
  if (plugin === undefined || more.length > 0)
    throw new UsageError(
      "run takes one plugin.",
      'For example: hitagi schedule add "every hour" run feed-watcher',
    );
  return {
    ...{ kind: "run", plugin, arg },
    ...(archive !== undefined && { archive: await chooseArchive(session.client, archive) }),
  };
};

const batchWork = async (session: Session, names: string[], options: WorkOptions): Promise<ScheduledWork> => {
  const { plugin, enabled, bySource, all, arg } = options;
  if ([plugin, enabled, bySource].filter((one) => one !== undefined).length !== 1)
    throw new UsageError(
      "No plugin was given.",
      "Use one of --plugin <namespace>, --enabled for all enabled ones, --by-source for those that read the sources of archives.",
    );
  if ((names.length === 0) === (all === undefined))
    throw new UsageError("No archives were given.", "Name them, or use --all.");
  const ids = await Promise.all(names.map((text) => chooseArchive(session.client, text)));
  return { ...{ kind: "batch", plugin, arg, ...(bySource && { by_source: true }) }, ...(!all && { ids }) };
};

const workOf = async (
  session: Session,
  kind: Kind,
  names: string[],
  options: WorkOptions,
): Promise<ScheduledWork> => {
  switch (kind) {
    case "run":
      return runWork(session, names, options);
    case "batch":
      return batchWork(session, names, options);
    case "refresh":
      refuseNames(kind, names);
      return { kind };
    case "upgrade":
      return { kind, ...(names.length > 0 && { plugins: names }) };
  }
};

const nextText = ({ next, zone }: Schedule): string => (next === null ? "paused" : zonedText(next, zone));

const runText = ({ zone }: Schedule, run: ScheduleRun): string => {
  if (run.outcome === null) return run.job === null ? "starting" : `running, job ${run.job}`;
  const end = partsFailedText(run) ?? run.outcome;
  return `${end}, ${zonedText(run.ended ?? run.due, zone)}`;
};

const columns: Columns<Schedule> = {
  ID: "id",
  WHEN: "when",
  WORK: "title",
  NEXT: nextText,
  LAST: (schedule) => schedule.last && runText(schedule, schedule.last),
};

const nextNote = (schedule: Schedule): string =>
  schedule.next === null
    ? `Schedule ${schedule.id} (${schedule.title}) is paused.`
    : `Schedule ${schedule.id} (${schedule.title}) runs next at ${nextText(schedule)}.`;

const ownZone = ({ io }: Session): string =>
  io.env.TZ || new Intl.DateTimeFormat().resolvedOptions().timeZone;

const add = async (
  session: Session,
  when: string,
  kind: Kind,
  names: string[],
  { zone = ownZone(session), ...options }: AddOptions,
): Promise<void> => {
  const work = await workOf(session, kind, names, options);
  const { schedule } = await session.client.createSchedule({ body: { when, zone, work } });
  session.print(schedule, nextNote);
  sayUndo(session.say, ["schedule", "remove", String(schedule.id)]);
};

const EMPTY = 'There are no schedules. Make one with `hitagi schedule add "every day 03:00" upgrade`.';

const list = async (session: Session): Promise<void> => {
  const { schedules } = await session.client.listSchedules({});
  session.printTable(schedules, columns, EMPTY);
  sayProblems(session, schedules);
};

const show = async (session: Session, id: number): Promise<void> => {
  const { schedule } = await session.client.getSchedule({ params: { id } });
  const { when, cron, zone, title, created, last, problem } = schedule;
  const shownWhen = when === cron ? when : `${when} (${cron})`;
  session.print(schedule, () =>
    record({
      ...{ Schedule: id, Work: title, When: shownWhen, Zone: zone, Next: nextText(schedule) },
      Last: last && runText(schedule, last),
      "Last job": last?.job,
      "Last due": last && `${zonedText(last.due, zone)}${last.manual ? ", started by hand" : ""}`,
      Created: zonedText(created, zone),
      ...(problem !== null && { "Cannot run": failureText(problem), "What to do": problem.hint }),
    }),
  );
};

const update =
  (paused: boolean) =>
  async (session: Session, id: number): Promise<void> => {
    const { schedule } = await session.client.updateSchedule({ params: { id }, body: { paused } });
    session.print(schedule, nextNote);
    sayUndo(session.say, ["schedule", paused ? "resume" : "pause", String(id)]);
  };

const change = async (
  session: Session,
  id: number,
  when: string,
  { zone }: { zone?: string },
): Promise<void> => {
  const { schedule: before } = await session.client.getSchedule({ params: { id } });
  const { schedule } = await session.client.updateSchedule({ params: { id }, body: { when, zone } });
  session.print(schedule, nextNote);
  sayUndo(session.say, ["schedule", "change", String(id), before.when, "--zone", before.zone]);
};

const run = async (session: Session, id: number): Promise<void> => {
  const { job } = await session.client.runSchedule({ params: { id } });
  session.print({ job }, () => `Schedule ${id} runs now, as job ${job}.`);
  session.say(`Follow it with \`hitagi job wait ${job}\`; to stop it: \`hitagi job cancel ${job}\`.`);
};

/** The command that adds a schedule as it is. */
const addWords = ({ when, zone, work }: Schedule): string[] => {
  const words = (): string[] => {
    switch (work.kind) {
      case "run":
        return [work.plugin, ...(work.archive === undefined ? [] : ["--archive", work.archive])];
      case "batch": {
        const which = work.plugin === undefined ? ["--enabled"] : ["--plugin", work.plugin];
        return [...(work.ids ?? ["--all"]), ...(work.by_source ? ["--by-source"] : which)];
      }
      case "upgrade":
        return work.plugins ?? [];
      case "refresh":
        return [];
    }
  };
  const arg = "arg" in work && work.arg !== undefined ? ["--arg", work.arg] : [];
  return ["schedule", "add", when, work.kind, ...words(), ...arg, "--zone", zone];
};

const remove = async (session: Session, ids: number[], options: { yes?: boolean }): Promise<void> => {
  const wanted = [...new Set(ids)];
  // All are read first, so that nothing is removed where one does not exist.
  const schedules = await Promise.all(
    wanted.map(async (id) => (await session.client.getSchedule({ params: { id } })).schedule),
  );
  const what = schedules.map(({ id, title, when }) => `Schedule ${id} is ${title}, ${when}.`).join("\n");
  const ask = schedules.length === 1 ? "Remove it?" : `Remove these ${schedules.length}?`;
  await confirm(session.io, { what, ask, does: "remove it", undo: "hitagi schedule add" }, options);
  const messages: string[] = [];
  for (const { id } of schedules)
    messages.push((await session.client.deleteSchedule({ params: { id } })).successMessage);
  session.print(wanted.length === 1 ? { id: wanted[0] } : { ids: wanted }, () => messages);
  for (const schedule of schedules) sayUndo(session.say, addWords(schedule));
};

/** `hitagi schedule …`: work that starts at set times. */
export const scheduleCommands = (program: CliCommand): void => {
  const group = program
    .local("schedule", "Start plugins, batches, refreshes and upgrades at set times.")
    .examples('hitagi schedule add "every day 03:00" upgrade');
  const id = wholeNumber(1);
  group
    .remote(
      "add",
      "Add a schedule. A run that was missed is caught up once; of a schedule, one run goes on at a time.",
    )
    .examples(
      'hitagi schedule add "every hour" run feed-watcher',
      'hitagi schedule add "every day 03:00" batch --plugin comic-info --all',
      'hitagi schedule add "every monday at 4:30 am" refresh',
      'hitagi schedule add "0 5 * * *" upgrade --zone Europe/Berlin',
    )
    .argument("<when>", "words such as `every weekday 18:30`, five cron fields, or @daily")
    .addArgument(new Argument("<work>", "what runs").choices(kinds))
    .argument("[names...]", "of run: the plugin; of batch: archives; of upgrade: plugins, else all")
    .option("--archive <archive>", `of run: the archive, by ${ARCHIVE_ARGUMENT}`)
    .option("--plugin <namespace>", "of batch: the plugin")
    .option("--enabled", "of batch: all enabled metadata plugins, in their order")
    .option("--by-source", "of batch: on each archive the plugin that reads its source: tag")
    .option("--all", "of batch: every archive that the library then has")
    .option("--arg <text>", "of run and batch: the plugin's one-shot argument")
    .option("--zone <zone>", "the time zone, such as Europe/Berlin; by default that of this machine")
    .runRemote(add);
  group
    .remote("list", "List the schedules with their next and last runs.")
    .examples("hitagi schedule list")
    .runRemote(list);
  group
    .remote("show", "Show a schedule.")
    .examples("hitagi schedule show 1")
    .argument("<schedule>", "its id", id)
    .runRemote(show);
  group
    .remote("change", "Change when a schedule runs.")
    .examples('hitagi schedule change 1 "every day 04:00"')
    .argument("<schedule>", "its id", id)
    .argument("<when>", "as for `hitagi schedule add`")
    .option("--zone <zone>", "another time zone")
    .runRemote(change);
  group
    .remote("pause", "Pause a schedule. What is missed meanwhile is not caught up.")
    .examples("hitagi schedule pause 1")
    .argument("<schedule>", "its id", id)
    .runRemote(update(true));
  group
    .remote("resume", "Resume a paused schedule.")
    .examples("hitagi schedule resume 1")
    .argument("<schedule>", "its id", id)
    .runRemote(update(false));
  group
    .remote("run", "Run a schedule now. Its next run stays as it is.")
    .examples("hitagi schedule run 1")
    .argument("<schedule>", "its id", id)
    .runRemote(run);
  group
    .remote("remove", "Remove schedules. A run that goes on is not ended.")
    .examples("hitagi schedule remove 1", "hitagi schedule remove 2 3")
    .argument("<schedules...>", "their ids", (text: string, before: number[] = []) => [...before, id(text)])
    .option("-y, --yes", "do not ask")
    .runRemote(remove);
};
