export { archiveBytes, type TestArchive } from "./archive.ts";
