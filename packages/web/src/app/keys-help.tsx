import "../design/dialog.css";
import { Modal } from "@mantine/core";
import { useFocusBack } from "../design/use-focus-back.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./keys-help.module.css";
import { places } from "./places.ts";

/** The keys of the page. */
const KeysHelp = ({ onClose }: { onClose: () => void }) => {
  const { t } = useTexts();
  useFocusBack();
  const keys: [string[], string][] = [
    [["/"], t("app.search")],
    [["?"], t("app.keys")],
    [["Esc"], t("app.close")],
    ...places.map(({ key, name }): [string[], string] => [["g", key], t(name)]),
    [["Alt", "↑ ↓"], t("app.keysOrder")],
    [["Ctrl", "Z"], t("app.keysUndo")],
  ];
  return (
    <Modal opened onClose={onClose} title={t("app.keys")} closeButtonProps={{ "aria-label": t("app.close") }}>
      <dl className={classes.keys}>
        {keys.map(([pressed, does]) => (
          <div key={does} className={classes.line}>
            <dt>
              {pressed.map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
};

export default KeysHelp;
