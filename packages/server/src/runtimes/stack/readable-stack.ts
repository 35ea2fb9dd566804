import type { PluginCode } from "../types.ts";
import { framesOf, frameText } from "./frames.ts";

/** The frames of a stack, one a line, with the places in the plugin's file. */
export const readableStack = ({ filename }: Pick<PluginCode, "filename">, stack: string): string =>
  framesOf(stack)
    .map((frame) => frameText(frame, filename))
    .join("\n");
