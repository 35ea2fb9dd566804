import { BatchOutcome } from "@hitagi/contract";
import { Option } from "commander";
import type { CliCommand } from "../command.ts";
import { ARCHIVE_ARGUMENT } from "../lookup.ts";
import { wholeNumber } from "../option-values.ts";
import { listBatches, reportBatch } from "./batch-report.ts";
import { pauseBatch, resumeBatch, runBatch, undoBatch } from "./batch-run.ts";

const jobOptions = (command: CliCommand): unknown =>
  command.option("--detach", "do not wait for the job").option("-y, --yes", "do not ask");

/** `hitagi batch …`: metadata plugins over many archives. */
export const batchCommands = (program: CliCommand): void => {
  const group = program
    .local("batch", "Run metadata plugins over many archives.")
    .examples("hitagi batch run --plugin comic-info --all");
  const id = wholeNumber(1);
  group
    .remote("run", "Run a metadata plugin, or all enabled ones, and store the results.")
    .examples(
      "hitagi batch run --plugin comic-info --all",
      "hitagi batch run --enabled one.cbz two.cbz",
      "hitagi batch run --by-source --all",
      "hitagi batch run --enabled --all --dry-run",
    )
    .argument("[archives...]", `each by ${ARCHIVE_ARGUMENT}`)
    .option("--plugin <namespace>", "the plugin")
    .option("--enabled", "the chain: all enabled metadata plugins, in their order and under its conditions")
    .addOption(
      new Option(
        "--by-source",
        "on each archive the plugin that reads its source: tag, with the address as its argument",
      ).conflicts("arg"),
    )
    .option("--all", "every archive of the library")
    .option("--arg <text>", "the plugin's one-shot argument")
    .option("--dry-run", "run on the first archives only, store nothing, and show what would change")
    .option("--size <number>", "with --dry-run: on so many archives, at most 50", wholeNumber(0, 50))
    .use(jobOptions)
    .runRemote(runBatch);
  group
    .remote("list", "List the newest batches.")
    .examples("hitagi batch list")
    .option("--size <number>", "the most batches, at most 200", wholeNumber(1, 200), 20)
    .runRemote(listBatches);
  group
    .remote("report", "Show what a batch did to each archive, also while it runs.")
    .examples("hitagi batch report", "hitagi batch report 12 --failed --retry")
    .argument("[batch]", "its job's id; the newest batch where absent", id)
    .choice("--outcome <outcome>", "only archives with this outcome", BatchOutcome.enum)
    .option("--failed", "only archives on which a plugin failed")
    .option("--retry", "with --failed: run them again, in a new batch")
    .pages(50)
    .use(jobOptions)
    .runRemote(reportBatch);
  group
    .remote("pause", "Pause a batch until you resume it. It keeps its place.")
    .examples("hitagi batch pause 12")
    .argument("<batch>", "its job's id", id)
    .runRemote(pauseBatch);
  group
    .remote("resume", "Let a paused batch go on now.")
    .examples("hitagi batch resume 12")
    .argument("<batch>", "its job's id", id)
    .runRemote(resumeBatch);
  group
    .remote("undo", "Revert the changes of a batch; later changes stay.")
    .examples("hitagi batch undo 12")
    .argument("<batch>", "its job's id", id)
    .use(jobOptions)
    .runRemote(undoBatch);
};
