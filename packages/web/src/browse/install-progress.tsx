import "../design/choices.css";
import { Progress } from "@mantine/core";
import { useCall } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { hasText, useTexts } from "../texts/texts.ts";
import classes from "./browse.module.css";

type Job = CallOutput<"listJobs">["items"][number];

/** The steps of an install in their order. */
const steps = ["plan", "fetch", "verify", "vet", "commit"];

/** The installs that wait or run, of all browsers. A reload shows them again. */
export const useInstalls = (): Job[] => {
  const active = useCall("listJobs", { query: { state: "active", size: 50 } });
  const waiting = useCall("listJobs", { query: { state: "inactive", size: 50 } });
  return [...(active.data?.items ?? []), ...(waiting.data?.items ?? [])].filter(
    ({ task }) => task === "install_plugin" || task === "upgrade_plugins",
  );
};

/** @param namespace only the installs of this plugin */
export const InstallsUnderWay = ({ namespace }: { namespace?: string }) => {
  const { t } = useTexts();
  const installs = useInstalls().filter(
    ({ task, args }) => namespace === undefined || (task === "install_plugin" && args[0] === namespace),
  );
  if (installs.length === 0) return null;
  return (
    <div className={classes.jobs} role="status">
      {installs.map(({ id, task, args, notes }) => {
        const step = (notes.step ?? "").split(": ").at(-1) ?? "";
        const name =
          task === "install_plugin"
            ? t("browse.installing", { name: String(args[0]) })
            : t("browse.upgrading");
        const text = `browse.step.${step}`;
        return (
          <div key={id} className={classes.job}>
            <span>
              <strong>{name}</strong>{" "}
              <span className={classes.soft}>{hasText(text) ? t(text) : t("library.batch.waiting")}</span>
            </span>
            <Progress value={((steps.indexOf(step) + 1) / steps.length) * 100} aria-label={name} />
          </div>
        );
      })}
    </div>
  );
};
