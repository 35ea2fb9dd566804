import { type Static, Type } from "typebox";
import { ErrorReport } from "./error-report.ts";
import { quoteText } from "./foreign-text.ts";
import { Grant, Permissions, RequestedPermissions } from "./manifest.ts";
import { Namespace, RawNamespace } from "./namespace.ts";
import { Note } from "./plugin-updates.ts";
import { Confinement } from "./plugins.ts";
import { ofRegistry, RegistryReference } from "./registries.ts";
import { PublishedDetails, UpdateChangelog, Yank } from "./registry-details.ts";
import { IndexVersion, PluginType } from "./registry-index.ts";
import { VersionRange } from "./requirements.ts";
import { described, Epoch, Nullable } from "./scalars.ts";

/** A plugin in a registry. */
const offeredBy = { namespace: Namespace, type: PluginType, ...ofRegistry };

/** An installed plugin of a registry. */
const installedFrom = { namespace: Namespace, ...ofRegistry, installed: Type.String() };

/** One plugin that a registry offers. */
export const OfferedPlugin = Type.Object({
  ...offeredBy,
  /** The version that an install without `version` selects. */
  version: Type.String(),
  name: Type.String(),
  author: Type.String(),
  description: Type.String(),
  published_at: Type.String(),
  /** The number of its versions in the registry. */
  versions: Type.Integer(),
  /** The installed version, or null. */
  installed: Nullable(Type.String()),
  /** The version that an upgrade would install, or null. */
  update: Nullable(Type.String()),
});
export type OfferedPlugin = Static<typeof OfferedPlugin>;

/** One registry's entry of a plugin, with every version, newest first. */
export const OfferedDetail = Type.Object({
  ...offeredBy,
  versions: Type.Array(IndexVersion),
  /** Absent if the registry has no valid details of the plugin. */
  details: Type.Optional(PublishedDetails),
});
export type OfferedDetail = Static<typeof OfferedDetail>;

/** An update that can be installed. */
export const Update = Type.Object({
  ...installedFrom,
  update: Type.String(),
  /** Absent if there is none. */
  changelog: Type.Optional(UpdateChangelog),
});
export type Update = Static<typeof Update>;

/** An update in the list of updates. */
export const ListedUpdate = Type.Object({
  ...Update.properties,
  /** Why automatic updates do not take it yet, although an upgrade does: its age, or new keys of its registry. */
  waits: Type.Optional(ErrorReport),
});
export type ListedUpdate = Static<typeof ListedUpdate>;

/** A newer version that no upgrade installs, because of what the owner decided. */
export const HeldUpdate = Type.Object({
  ...Update.properties,
  /** `held`: it is beyond the version that the plugin is held at. */
  reason: Type.Enum(["held", "skipped", "rolled_back"]),
  /** The version that the plugin is held at. */
  at: Type.Optional(Type.String()),
  note: Type.Optional(Note),
  /** When the owner decided. */
  since: Epoch,
});
export type HeldUpdate = Static<typeof HeldUpdate>;

/** Says why an update is held back, with the owner's note, and the command that offers it again. */
export const describeHeld = ({
  namespace,
  update,
  reason,
  at,
  note,
}: HeldUpdate): { text: string; hint: string } => {
  const why = {
    held: `it is held at ${at}`,
    skipped: "this version is skipped",
    rolled_back: "it was rolled back, and no newer version is offered",
  }[reason];
  return {
    text: `${update} is held back: ${why}${note === undefined ? "" : ` (${note})`}`,
    hint: `\`hitagi ${reason === "held" ? "unhold" : "unskip"} ${namespace}\` offers it again.`,
  };
};

/** An installed version that its registry no longer offers. */
export const Withdrawn = Type.Object({
  ...installedFrom,
  /** The version that an install would take now; null if the registry no longer offers the plugin. */
  offered: Nullable(Type.String()),
  /** Absent if its keeper did not say why. */
  yank: Type.Optional(Yank),
});
export type Withdrawn = Static<typeof Withdrawn>;

/** Says that an installed version is no longer offered, and with which command its owner leaves it. */
export const describeWithdrawn = ({
  namespace,
  installed,
  offered,
  yank,
}: Withdrawn): { text: string; hint: string } => ({
  text: `installed ${installed} is no longer offered${yank ? `, its keeper yanked it: ${quoteText(yank.reason)}` : ""}`,
  hint:
    offered === null
      ? `Its registry no longer offers the plugin. Ask its keeper, or remove it with \`hitagi uninstall ${namespace}\`.`
      : `\`hitagi install ${namespace} --version ${offered}\` installs the highest version that is.`,
});

/** Names of secrets of the namespace that this version will not receive, because they belong to a plugin from another source. */
export const Withheld = Type.Array(Type.String());

/** What a version asks for, what it would be granted, and in words what of that is new. */
export const PlannedPermissions = Type.Object({
  asks: RequestedPermissions,
  granted: Permissions,
  more: Type.Array(Type.String()),
});
export type PlannedPermissions = Static<typeof PlannedPermissions>;

/** A version that an install would put in place. */
const plannedVersion = {
  namespace: Namespace,
  ...ofRegistry,
  version: Type.String(),
  sha256: Type.String(),
  /** The installed version, or null. */
  installed: Nullable(Type.String()),
  /** Null if the version could not be loaded; the conflicts say why. */
  permissions: Nullable(PlannedPermissions),
  /** Null if no runtime here runs such a file. */
  confinement: Nullable(Confinement),
  /** What the owner should know, and what does not keep it from being installed. */
  warnings: Type.Array(ErrorReport),
};

/** A plugin that is installed or upgraded together with another one, because it is needed. */
export const RequiredPlugin = Type.Object({
  ...plannedVersion,
  /** The plugins that need it, each with its range of versions. */
  neededBy: Type.Array(Type.Object({ namespace: Namespace, range: VersionRange })),
});
export type RequiredPlugin = Static<typeof RequiredPlugin>;

/** The plan of an install, and its conflicts. */
export const InstallPlan = Type.Object({
  ...plannedVersion,
  type: PluginType,
  action: Type.Enum(["install", "upgrade", "downgrade", "reinstall", "replace"]),
  conflicts: Type.Array(ErrorReport),
  /** What it needs, and is installed or upgraded with it, in this order; absent if there is nothing. */
  requires: Type.Optional(Type.Array(RequiredPlugin)),
  /** Of the versions after the installed one, for an upgrade; absent if there is none. */
  changelog: Type.Optional(UpdateChangelog),
  /** Packages of other Perl plugins whose functions it calls. */
  uses: Type.Array(Type.String()),
  withheld: Withheld,
});
export type InstallPlan = Static<typeof InstallPlan>;

/** A version that a preview showed to the owner. Its hash says what it asks for, since its manifest is in its file. */
export const ShownVersion = Type.Object({
  namespace: RawNamespace,
  version: Type.String({ minLength: 1, maxLength: 256 }),
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
});
export type ShownVersion = Static<typeof ShownVersion>;

/** The versions that a plan puts in place: that of the plugin, and those that it needs. An install sends them as `shown`. */
export const shownVersions = (plan: InstallPlan): ShownVersion[] =>
  [plan, ...(plan.requires ?? [])].map(({ namespace, version, sha256 }) => ({ namespace, version, sha256 }));

/** An upgrade of one plugin that was not made yet: its plan, or why there is none. */
export const UpgradePreview = Type.Object({
  namespace: Namespace,
  /** The installed version; empty if the plugin is not installed. */
  from: Type.String(),
  to: Type.String(),
  /** As if all was granted: `permissions.more` is what the upgrade grants anew, and of a plugin that it brings `permissions.asks`. */
  plan: Nullable(InstallPlan),
  /** Why there is no plan; null if there is one. */
  error: Nullable(ErrorReport),
});
export type UpgradePreview = Static<typeof UpgradePreview>;

/** The versions that upgrades put in place, each once. An upgrade sends them as `shown`. */
export const shownUpgrades = (upgrades: readonly UpgradePreview[]): ShownVersion[] => [
  ...new Map(
    upgrades
      .flatMap(({ plan }) => (plan ? shownVersions(plan) : []))
      .map((one) => [`${one.namespace} ${one.version} ${one.sha256}`, one]),
  ).values(),
];

/** What to install, and from where. */
export const InstallBody = Type.Object(
  {
    namespace: RawNamespace,
    registry: RegistryReference,
    version: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: "The version to install; by default the highest release.",
      }),
    ),
    force: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether to replace a plugin from another registry; never a builtin or sideloaded one.",
      }),
    ),
    move: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether to replace a sideloaded plugin, whose settings stay; `force` does not.",
      }),
    ),
    acceptChanged: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether to install a version whose bytes are others than when it was first seen.",
      }),
    ),
    acceptUnsigned: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether a plugin of a signed registry may be replaced by one of an unsigned registry.",
      }),
    ),
    ignoreRequirements: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether what it needs may be missing, and what installed plugins need may break.",
      }),
    ),
    otherRegistries: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether other registries than its own may bring the plugins that it needs.",
      }),
    ),
    shown: Type.Optional(
      Type.Array(ShownVersion, {
        minItems: 1,
        maxItems: 1000,
        description:
          "The versions that the preview showed, the plugins that it needs among them. An install that would put another one in place " +
          "is refused (INSTALL_SET_CHANGED).",
      }),
    ),
    grant: Type.Optional(
      described(
        "True grants all that the version asks for, if `shown` names it; permissions grant only these, permanently. If absent or " +
          "false, and for true without `shown`, HITAGI_GRANT decides for a first install (by default all that it asks for, as LANraragi's clients expect), " +
          "and an upgrade that asks for more waits.",
        Grant,
      ),
    ),
  },
  { additionalProperties: false },
);
