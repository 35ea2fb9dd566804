import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { undoLast } from "../design/toast.tsx";
import { places } from "./places.ts";

/** How long the first key of two, `g`, waits for the second. */
const SECOND_MS = 1200;

/** What takes keys itself: fields, but not boxes to tick, and dialogs. */
const TYPED =
  "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=dialog] *";

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches(TYPED);

/** The keys that work on every page: `/`, `?`, `g` with the letter of a place, and Ctrl or ⌘ with Z. */
export const useKeys = ({ search, help }: { search: () => void; help: () => void }): void => {
  const navigate = useNavigate();
  const act = useRef({ search, help });
  act.current = { search, help };
  useEffect(() => {
    let goneAt = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.altKey || isTyping(event.target)) return;
      if (event.ctrlKey || event.metaKey) {
        if (event.key === "z") undoLast();
        return;
      }
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
