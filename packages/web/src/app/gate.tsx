import { Loader } from "@mantine/core";
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useEffectEvent } from "react";
import { ConfirmProvider } from "../design/confirm.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { CurrentSession, useSignedIn } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./gate.module.css";
import { Layout } from "./layout.tsx";
import { followEvents } from "./live.ts";

/** Not loaded by a browser that is signed in. */
const SignIn = lazy(() => import("../session/sign-in.tsx"));

/** Shows the pages to a browser that is signed in, at the address that was asked for, and else the sign-in. */
export const Gate = () => {
  const { t } = useTexts();
  const { data, error, refetch } = useSignedIn();
  const isInvite = useLocation({ select: ({ pathname }) => pathname === "/invite" });
  const session = data?.session ?? null;
  const id = session?.id;
  // A later answer for the same session has a later position, which the stream does not need.
  const follow = useEffectEvent((signal: AbortSignal) =>
    followEvents(data?.eventsAfter ?? undefined, signal),
  );
  useEffect(() => {
    if (id === undefined) return;
    const stop = new AbortController();
    void follow(stop.signal);
    return () => stop.abort();
  }, [id]);
  if (isInvite) return <Outlet />;
  if (data === undefined) {
    return (
      <main className={classes.waiting}>
        {error ? (
          <FaultCard error={error} retry={refetch} />
        ) : (
          <Loader role="status" aria-label={t("app.loading")} />
        )}
      </main>
    );
  }
  if (session === null)
    return (
      <Suspense>
        <SignIn firstVisit={data.firstVisit} keyFile={data.keyFile} />
      </Suspense>
    );
  return (
    <CurrentSession value={session}>
      <ConfirmProvider>
        <Layout />
      </ConfirmProvider>
    </CurrentSession>
  );
};
