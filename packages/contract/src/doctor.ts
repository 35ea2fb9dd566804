import { type Static, Type } from "typebox";

/** The result of one check of a server, as `hitagi doctor` shows it. */
export const DoctorFinding = Type.Object({
  /** What was checked, such as `deno` or `data folder`. */
  check: Type.String(),
  /** `note` is information and no fault; `skipped` was not checked, for the reason in the text. */
  state: Type.Enum(["ok", "note", "wrong", "skipped"]),
  text: Type.String(),
  /** What to do. */
  hint: Type.Optional(Type.String()),
});
export type DoctorFinding = Static<typeof DoctorFinding>;
