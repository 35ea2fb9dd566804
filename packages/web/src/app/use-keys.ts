import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { places } from "./places.ts";

/** How long the first key of two, `g`, waits for the second. */
const SECOND_MS = 1200;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest("[role=dialog]") !== null);

/** The keys that work on every page: `/`, `?`, and `g` with the letter of a place. */
export const useKeys = ({ search, help }: { search: () => void; help: () => void }): void => {
  const navigate = useNavigate();
  const act = useRef({ search, help });
  act.current = { search, help };
  useEffect(() => {
    let goneAt = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place =
        event.timeStamp - goneAt < SECOND_MS ? places.find(({ key }) => key === event.key) : undefined;
      goneAt = event.key === "g" ? event.timeStamp : 0;
      if (place) void navigate({ to: place.to });
      else if (event.key === "/") act.current.search();
      else if (event.key === "?") act.current.help();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [navigate]);
};
