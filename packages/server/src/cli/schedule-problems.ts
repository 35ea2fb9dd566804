import type { Schedule, ScheduledWork } from "@hitagi/contract";
import { failureText } from "./failure.ts";
import type { Session } from "./session.ts";

/** Says which of these schedules cannot run, and why. */
export const sayProblems = ({ say }: Pick<Session, "say">, schedules: readonly Schedule[]): void =>
  say(
    schedules.flatMap(({ id, title, problem }) =>
      problem === null
        ? []
        : [`Schedule ${id} (${title}) cannot run: ${failureText(problem)}`, `  ${problem.hint}`],
    ),
  );

const pluginsOf = (work: ScheduledWork): readonly string[] => {
  if (work.kind === "upgrade") return work.plugins ?? [];
  return work.kind === "refresh" || work.plugin === undefined ? [] : [work.plugin];
};

/** The same of those schedules that name one of these plugins, which a command has changed. */
export const sayProblemsOf = async (session: Session, namespaces: readonly string[]): Promise<void> => {
  if (namespaces.length === 0) return;
  const { schedules } = await session.client.listSchedules({});
  const names = new Set(namespaces.map((name) => name.toLowerCase()));
  sayProblems(
    session,
    schedules.filter(({ work }) => pluginsOf(work).some((name) => names.has(name.toLowerCase()))),
  );
};
