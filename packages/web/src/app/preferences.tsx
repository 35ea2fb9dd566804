import "../design/choices.css";
import "../design/dialog.css";
import {
  Button,
  type MantineColorScheme,
  Modal,
  SegmentedControl,
  useMantineColorScheme,
} from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { LogOut } from "lucide-react";
import { useFocusBack } from "../design/use-focus-back.ts";
import { signOut, useSession } from "../session/session.ts";
import { chooseLanguage, type Language, languages, useTexts } from "../texts/texts.ts";
import classes from "./preferences.module.css";

const schemes = ["auto", "light", "dark"] as const satisfies readonly MantineColorScheme[];

/** Appearance and language, which this browser keeps. */
export const Choices = () => {
  const { t, language } = useTexts();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={classes.choices}>
      <div className={classes.choice}>
        <span id="colours">{t("app.colours")}</span>
        <SegmentedControl
          aria-labelledby="colours"
          value={colorScheme}
          onChange={(chosen) => setColorScheme(chosen as MantineColorScheme)}
          data={schemes.map((value) => ({ value, label: t(`app.colours.${value}`) }))}
        />
      </div>
      <div className={classes.choice}>
        <span id="language">{t("app.language")}</span>
        <SegmentedControl
          aria-labelledby="language"
          value={language}
          onChange={(chosen) => void chooseLanguage(chosen as Language)}
          data={languages.map(({ id, name }) => ({ value: id, label: <span lang={id}>{name}</span> }))}
        />
      </div>
    </div>
  );
};

/** What belongs to this browser: its appearance, its language, its session. */
const Preferences = ({ onClose }: { onClose: () => void }) => {
  const { t } = useTexts();
  const { key } = useSession();
  useFocusBack();
  return (
    <Modal opened onClose={onClose} title={key} centered closeButtonProps={{ "aria-label": t("app.close") }}>
      <Choices />
      <div className={classes.foot}>
        <Link to="/server/$part" params={{ part: "sessions" }} onClick={onClose}>
          {t("app.sessions")}
        </Link>
        <Button
          variant="default"
          leftSection={<LogOut size={15} aria-hidden />}
          onClick={() => void signOut()}
        >
          {t("app.signOut")}
        </Button>
      </div>
    </Modal>
  );
};

export default Preferences;
