import { Loader } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useTexts } from "../texts/texts.ts";
import { FaultCard } from "./fault-card.tsx";
import classes from "./page.module.css";

interface PageProps {
  title: string;
  /** A line below the title. */
  about?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page below its title, which is the window's title too. */
export const Page = ({ title, about, actions, children }: PageProps) => {
  useEffect(() => {
    document.title = `${title} · Hitagi`;
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.titles}>
          <h1 tabIndex={-1} data-page-title>
            {title}
          </h1>
          {about && <div className={classes.about}>{about}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
};

interface SectionProps {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a page with its heading. */
export const Section = ({ title, about, actions, children }: SectionProps) => (
  <section className={classes.section} aria-label={title}>
    <header className={classes.sectionHeader}>
      <div>
        <h2>{title}</h2>
        {about && <p className={classes.about}>{about}</p>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </header>
    {children}
  </section>
);

/** A surface with a border around rows or a form. */
export const Card = ({ children, padded = false }: { children: ReactNode; padded?: boolean }) => (
  <div className={padded ? classes.paddedCard : classes.card}>{children}</div>
);

/** A quiet sign where something is asked for or loaded. */
export const Waiting = () => {
  const { t } = useTexts();
  return (
    <div className={classes.waiting}>
      <Loader size="sm" aria-label={t("app.loading")} role="status" />
    </div>
  );
};

interface AskedProps<T> {
  /** The answer of `useCall`. */
  of: { data: T | undefined; error: unknown; refetch: () => unknown };
  children: (data: T) => ReactNode;
}

/** What a call answered; while it is asked for a quiet sign, and its fault where the answer would stand. */
export const Asked = <T,>({ of: { data, error, refetch }, children }: AskedProps<T>) => {
  if (data !== undefined) return children(data);
  if (error) return <FaultCard error={error} retry={refetch} />;
  return <Waiting />;
};
