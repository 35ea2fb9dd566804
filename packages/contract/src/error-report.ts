import { type Static, Type } from "typebox";

/** A failure that is a part of an answer: its code, what happened, and what to do. */
export const ErrorReport = Type.Object({ code: Type.String(), message: Type.String(), hint: Type.String() });
export type ErrorReport = Static<typeof ErrorReport>;
