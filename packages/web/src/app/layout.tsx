import { Button } from "@mantine/core";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { MenuIcon, Search } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Mark } from "../design/mark.tsx";
import { useTexts } from "../texts/texts.ts";
import { Account } from "./account.tsx";
import classes from "./layout.module.css";
import { useLost } from "./live.ts";
import { places } from "./places.ts";
import { useKeys } from "./use-keys.ts";

const SearchBox = lazy(() => import("./search-box.tsx"));
const MenuDrawer = lazy(() => import("./menu-drawer.tsx"));
const Preferences = lazy(() => import("./preferences.tsx"));
const KeysHelp = lazy(() => import("./keys-help.tsx"));

const PlaceLinks = ({ onFollow }: { onFollow?: () => void }) => {
  const { t } = useTexts();
  return (
    <nav aria-label={t("app.places")}>
      <ul className={classes.places}>
        {places.map(({ to, name, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              className={classes.place}
              activeOptions={{ exact: to === "/" }}
              activeProps={{ "aria-current": "page" }}
              onClick={() => onFollow?.()}
            >
              <Icon size={17} aria-hidden />
              <span>{t(name)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
};

/** Says that the server is away. It takes no room of the page, so that nothing moves. */
const LostBanner = () => {
  const { t } = useTexts();
  const isLost = useLost();
  return (
    <div role="status" className={classes.lost} data-shown={isLost}>
      {isLost && t("app.lost")}
    </div>
  );
};

/** Moves the focus to the title of a page that a link led to, as a browser does with a new document. */
const useTitleFocus = (): void => {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path || before.current === undefined) {
      before.current = path;
      return;
    }
    before.current = path;
    document.querySelector<HTMLElement>("[data-page-title]")?.focus({ preventScroll: true });
  }, [path]);
};

/** The frame around every page: the menu at the side, on a phone behind a button, and what answers keys everywhere. */
export const Layout = () => {
  const { t } = useTexts();
  const [menu, setMenu] = useState(false);
  const [shown, setShown] = useState<"search" | "keys" | "preferences" | null>(null);
  useKeys({ search: () => setShown("search"), help: () => setShown("keys") });
  useTitleFocus();
  return (
    <>
      <a className={classes.skip} href="#content">
        {t("app.skip")}
      </a>
      <div className={classes.frame}>
        <aside className={classes.side}>
          <Link to="/" className={classes.brand} aria-label="Hitagi">
            <Mark />
            <span>Hitagi</span>
          </Link>
          <button type="button" className={classes.search} onClick={() => setShown("search")}>
            <Search size={15} aria-hidden />
            <span>{t("app.search")}</span>
            <kbd aria-hidden>/</kbd>
          </button>
          <PlaceLinks />
          <Account onOpen={() => setShown("preferences")} />
        </aside>
        <header className={classes.bar}>
          <Link to="/" className={classes.brand} aria-label="Hitagi">
            <Mark size={26} />
          </Link>
          <span className={classes.spacer} />
          <Button
            variant="subtle"
            color="gray"
            px="xs"
            onClick={() => setShown("search")}
            aria-label={t("app.search")}
          >
            <Search size={18} aria-hidden />
          </Button>
          <Button
            variant="default"
            leftSection={<MenuIcon size={16} aria-hidden />}
            onClick={() => setMenu(true)}
            aria-haspopup="dialog"
            aria-expanded={menu}
          >
            {t("app.menu")}
          </Button>
        </header>
        <main id="content" className={classes.content} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <LostBanner />
      <Suspense>
        {menu && (
          <MenuDrawer onClose={() => setMenu(false)}>
            <div className={classes.drawer}>
              <PlaceLinks onFollow={() => setMenu(false)} />
              <Account onOpen={() => setShown("preferences")} />
            </div>
          </MenuDrawer>
        )}
        {shown === "preferences" && <Preferences onClose={() => setShown(null)} />}
        {shown === "search" && <SearchBox onClose={() => setShown(null)} />}
        {shown === "keys" && <KeysHelp onClose={() => setShown(null)} />}
      </Suspense>
    </>
  );
};
