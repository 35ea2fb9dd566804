import { BundleError } from "../kit/bundle/bundle.ts";
import { CommandFailed } from "./failure.ts";

/** The failure of a source that cannot be bundled, with its first line that is wrong. @throws always */
export const bundleFailure = (error: unknown): never => {
  if (!(error instanceof BundleError)) throw error;
  const [first, ...more] = error.problems;
  const lines = [first, ...more].flatMap((problem) =>
    problem ? [`${problem.file ?? "the plugin"}:${problem.line}:${problem.column}: ${problem.message}`] : [],
  );
  throw new CommandFailed(lines, first?.hint);
};
