import { type Static, Type } from "typebox";

/** A namespace as a key of a JSON object. */
export const NamespaceKey = Type.String({ pattern: "^[a-z0-9_-]{1,128}$" });

/** A range of versions as npm writes it, such as `^1.2.0` or `>=1.0.0 <3`. */
export const VersionRange = Type.String({ minLength: 1, maxLength: 256, pattern: "^[ -~]+$" });

const fields = (more: { additionalProperties?: false }) =>
  Type.Object(
    {
      /** A range of Hitagi's versions. */
      hitagi: Type.Optional(VersionRange),
      /** Ranges of other plugins' versions, by namespace. */
      plugins: Type.Optional(
        Type.Record(NamespaceKey, VersionRange, { maxProperties: 64, additionalProperties: false }),
      ),
    },
    more,
  );

/** What a version of a plugin needs: a range of Hitagi's versions, and other plugins with ranges of theirs. */
export const Requirements = fields({});
export type Requirements = Static<typeof Requirements>;

/** The same in a manifest, which has no other fields. */
export const ManifestRequirements = fields({ additionalProperties: false });
