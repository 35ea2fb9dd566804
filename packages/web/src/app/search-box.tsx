import "../design/dialog.css";
import { Modal, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { Blocks, BookOpen, Compass, Search } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { useFocusBack } from "../design/use-focus-back.ts";
import { useTexts } from "../texts/texts.ts";
import { useCall } from "./calls.ts";
import { places } from "./places.ts";
import classes from "./search-box.module.css";

interface Hit {
  id: string;
  icon: ReactNode;
  name: string;
  about: string;
  go: () => void;
}

const SIZE = 6;

/** Finds places, plugins and archives as one types, and goes there. */
const SearchBox = ({ onClose }: { onClose: () => void }) => {
  const { t } = useTexts();
  const navigate = useNavigate();
  useFocusBack();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [asked] = useDebouncedValue(text.trim(), 120);
  const enabled = asked !== "";
  const listId = useId();
  const installed = useCall("listInstalled", {}, { enabled });
  const offered = useCall(
    "searchAvailable",
    { query: { q: asked, installed: false, size: SIZE } },
    { enabled },
  );
  const archives = useCall("searchArchives", { query: { q: asked, size: SIZE } }, { enabled });

  const matches = (name: string) => name.toLowerCase().includes(text.trim().toLowerCase());
  const go = (act: () => unknown) => () => {
    onClose();
    void act();
  };
  const hits: Hit[] = [
    ...places
      .filter(({ name }) => matches(t(name)))
      .map(({ to, name, icon: Icon }) => ({
        id: `place ${to}`,
        icon: <Icon size={16} aria-hidden />,
        name: t(name),
        about: t("app.place"),
        go: go(() => navigate({ to })),
      })),
    ...(enabled ? (installed.data?.plugins ?? []) : [])
      .filter(({ name, namespace }) => matches(name) || matches(namespace))
      .slice(0, SIZE)
      .map(({ name, namespace }) => ({
        id: `plugin ${namespace}`,
        icon: <Blocks size={16} aria-hidden />,
        name,
        about: t("app.installedPlugin"),
        go: go(() => navigate({ to: "/plugins/$namespace", params: { namespace } })),
      })),
    ...(enabled ? (offered.data?.items ?? []) : []).map(({ name, namespace, registry }) => ({
      id: `offer ${registry} ${namespace}`,
      icon: <Compass size={16} aria-hidden />,
      name,
      about: t("app.offeredPlugin"),
      go: go(() => navigate({ href: `/browse/${namespace}` })),
    })),
    ...(enabled ? (archives.data?.items ?? []) : []).map(({ arcid, title }) => ({
      id: `archive ${arcid}`,
      icon: <BookOpen size={16} aria-hidden />,
      name: title,
      about: t("app.archive"),
      go: go(() => navigate({ href: `/library/${arcid}` })),
    })),
  ];
  const chosen = Math.min(at, Math.max(hits.length - 1, 0));
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setAt((chosen + 1) % Math.max(hits.length, 1));
    else if (event.key === "ArrowUp") setAt((chosen - 1 + hits.length) % Math.max(hits.length, 1));
    else if (event.key === "Enter") hits[chosen]?.go();
    else return;
    event.preventDefault();
  };
  const optionId = (index: number) => `${listId}-${index}`;
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      padding={0}
      aria-label={t("app.search")}
      size="lg"
    >
      <TextInput
        classNames={{ input: classes.input }}
        variant="unstyled"
        size="lg"
        leftSection={<Search size={18} aria-hidden />}
        placeholder={t("app.searchHint")}
        aria-label={t("app.search")}
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls={listId}
        {...(hits.length > 0 && { "aria-activedescendant": optionId(chosen) })}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
        data-autofocus
      />
      {hits.length > 0 && (
        <div id={listId} role="listbox" aria-label={t("app.search")} className={classes.hits}>
          {hits.map(({ id, icon, name, about, go: follow }, index) => (
            <UnstyledButton
              key={id}
              id={optionId(index)}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className={classes.hit}
              onClick={follow}
              onMouseEnter={() => setAt(index)}
            >
              {icon}
              <span className={classes.name}>{name}</span>
              <span className={classes.about}>{about}</span>
            </UnstyledButton>
          ))}
        </div>
      )}
      {hits.length === 0 && <p className={classes.none}>{t("app.nothingFound", { text: text.trim() })}</p>}
    </Modal>
  );
};

export default SearchBox;
