export { type ArchiveTexts, archiveBytes, type TestArchive, type TestFile } from "./archive.ts";
export { assertLogged, assertRequests, assertTags } from "./assertions.ts";
export {
  type HttpAnswer,
  openPlugin,
  PluginFailure,
  type TestedPlugin,
  type TestRequest,
  type TestResult,
  type TestRun,
} from "./plugin.ts";
export { closeSandbox } from "./program.ts";
