import { Activity, Blocks, Compass, House, Library, type LucideIcon, Server, Warehouse } from "lucide-react";
import type { TextId } from "../texts/texts.ts";

export interface Place {
  to: "/" | "/plugins" | "/browse" | "/registries" | "/library" | "/activity" | "/server";
  name: TextId;
  icon: LucideIcon;
  /** The second key after `g`. */
  key: string;
}

/** The seven places of the page, in the order of its menu. */
export const places: Place[] = [
  { to: "/", name: "app.home", icon: House, key: "h" },
  { to: "/plugins", name: "app.plugins", icon: Blocks, key: "p" },
  { to: "/browse", name: "app.browse", icon: Compass, key: "b" },
  { to: "/registries", name: "app.registries", icon: Warehouse, key: "r" },
  { to: "/library", name: "app.library", icon: Library, key: "l" },
  { to: "/activity", name: "app.activity", icon: Activity, key: "a" },
  { to: "/server", name: "app.server", icon: Server, key: "s" },
];
