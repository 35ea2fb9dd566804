import { NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { useTexts } from "../texts/texts.ts";
import classes from "./registries.module.css";

/** A credential as it is entered. It is sent and never read back. */
export interface EnteredCredential {
  kind: "keep" | "none" | "token" | "password" | "ssh-key";
  token: string;
  user: string;
  password: string;
  sshKey: string;
}

export const noCredential: EnteredCredential = {
  kind: "none",
  token: "",
  user: "",
  password: "",
  sshKey: "",
};

/** The fields of a call for a credential; null removes what is stored. */
export const credentialBody = (
  { kind, token, user, password, sshKey }: EnteredCredential,
  isStored = false,
) => {
  if (kind === "token" && token !== "") return { token };
  if (kind === "password" && password !== "") return { user, password };
  if (kind === "ssh-key" && sshKey !== "") return { sshKey: sshKey.endsWith("\n") ? sshKey : `${sshKey}\n` };
  return kind === "none" && isStored ? { token: null } : {};
};

interface CredentialFieldsProps {
  value: EnteredCredential;
  onChange: (value: EnteredCredential) => void;
  /** Whether one is stored, which can stay. */
  isStored?: boolean;
}

/** Enters the credential of a private registry. */
export const CredentialFields = ({ value, onChange, isStored = false }: CredentialFieldsProps) => {
  const { t } = useTexts();
  const kinds = isStored
    ? (["keep", "none", "token", "password", "ssh-key"] as const)
    : (["none", "token", "password", "ssh-key"] as const);
  return (
    <div className={classes.fields}>
      <NativeSelect
        label={t("registries.credential")}
        description={t("registries.credentialHint")}
        value={value.kind}
        onChange={(event) =>
          onChange({ ...value, kind: event.currentTarget.value as EnteredCredential["kind"] })
        }
        data={kinds.map((kind) => ({ value: kind, label: t(`registries.credential.${kind}`) }))}
      />
      {value.kind === "token" && (
        <PasswordInput
          label={t("registries.credential.token")}
          autoComplete="off"
          value={value.token}
          visibilityToggleButtonProps={{ "aria-label": t("session.showKey") }}
          onChange={(event) => onChange({ ...value, token: event.currentTarget.value })}
        />
      )}
      {value.kind === "password" && (
        <>
          <TextInput
            label={t("registries.user")}
            autoComplete="off"
            value={value.user}
            onChange={(event) => onChange({ ...value, user: event.currentTarget.value })}
          />
          <PasswordInput
            label={t("registries.credential.password")}
            autoComplete="off"
            value={value.password}
            visibilityToggleButtonProps={{ "aria-label": t("session.showKey") }}
            onChange={(event) => onChange({ ...value, password: event.currentTarget.value })}
          />
        </>
      )}
      {value.kind === "ssh-key" && (
        <Textarea
          label={t("registries.credential.ssh-key")}
          autosize
          minRows={3}
          maxRows={8}
          autoComplete="off"
          spellCheck={false}
          value={value.sshKey}
          onChange={(event) => onChange({ ...value, sshKey: event.currentTarget.value })}
        />
      )}
    </div>
  );
};
