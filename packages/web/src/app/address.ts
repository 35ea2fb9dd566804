import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

type Change = Record<string, string | undefined>;

/** What stands in the address after `?`, and the function that changes some of it; undefined removes a part. */
export const useAddress = () => {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  /** @param isStep whether "back" returns to what stood there before */
  const change = useCallback(
    (parts: Change, isStep = false) => {
      const next = (before: Change): Change =>
        Object.fromEntries(
          Object.entries({ ...before, ...parts }).filter(([, text]) => text !== undefined && text !== ""),
        );
      void navigate({ to: ".", search: next as never, replace: !isStep, resetScroll: false });
    },
    [navigate],
  );
  return { search, change };
};

/** Reads the part of an address after `?`. Each part is a text: a search for `007` is not one for 7. */
export const parseSearch = (text: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(text));

export const stringifySearch = (search: Record<string, unknown>): string => {
  const given = Object.entries(search).filter(([, text]) => text !== undefined && text !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
};
