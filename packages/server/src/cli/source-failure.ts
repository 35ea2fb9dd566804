import { isHitagiError } from "@hitagi/contract";
import { authorHintOf } from "../kit/author-hints.ts";
import { BundleError } from "../kit/bundle/bundle.ts";
import { CommandFailed, failureText } from "./failure.ts";

/** The failure of a source that does not bundle or load, for its author, with the first line that is wrong. @throws always */
export const sourceFailure = (error: unknown): never => {
  if (isHitagiError(error)) throw new CommandFailed(failureText(error), authorHintOf(error), error.code);
  return bundleFailure(error);
};

/** The failure of a source that does not bundle. @throws always */
export const bundleFailure = (error: unknown): never => {
  if (!(error instanceof BundleError)) throw error;
  const [first, ...more] = error.problems;
  const lines = [first, ...more].flatMap((problem) =>
    problem ? [`${problem.file ?? "the plugin"}:${problem.line}:${problem.column}: ${problem.message}`] : [],
  );
  throw new CommandFailed(lines, first?.hint);
};
