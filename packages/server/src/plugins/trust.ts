import type { PluginTrust } from "@hitagi/contract";
import type { ActivePlugin } from "./types.ts";

const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;

/** Says how far a plugin is vouched for. @param isSigned whether an accepted head names its file */
export const pluginTrust = (
  { origin, health }: Pick<ActivePlugin, "origin" | "health">,
  isSigned: boolean,
): PluginTrust => {
  const { cause, reason = "" } = health;
  if (cause !== undefined) return { state: cause, reason: sentence(reason) };
  if (origin === "builtin") return { state: "local", reason: "It is part of Hitagi." };
  if (origin === "sideloaded") return { state: "local", reason: "It was installed from a file." };
  return isSigned
    ? { state: "signed", reason: "Its registry's keeper signed this file." }
    : { state: "unsigned", reason: "Its registry does not sign this file." };
};
