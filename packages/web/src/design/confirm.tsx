import { createContext, lazy, type ReactNode, Suspense, use, useCallback, useState } from "react";

const ConfirmDialog = lazy(() => import("./confirm-dialog.tsx"));

export interface Question {
  title: string;
  /** What it does that cannot be undone. */
  consequence: ReactNode;
  /** The words of the button that does it, such as "Remove 3 archives". */
  action: string;
}

type Ask = (question: Question) => Promise<boolean>;

const Asking = createContext<Ask>(async () => false);

/** The function that asks before what cannot be undone. What can be undone is done, with a toast to undo it. */
export const useConfirm = (): Ask => use(Asking);

/** Holds the dialog of the questions below it. */
export const ConfirmProvider = ({ children }: { children: ReactNode }) => {
  const [asked, setAsked] = useState<{ question: Question; answer: (yes: boolean) => void } | null>(null);
  const ask = useCallback<Ask>((question) => new Promise((answer) => setAsked({ question, answer })), []);
  const end = (yes: boolean): void => {
    asked?.answer(yes);
    setAsked(null);
  };
  return (
    <Asking value={ask}>
      {children}
      <Suspense>{asked && <ConfirmDialog question={asked.question} onAnswer={end} />}</Suspense>
    </Asking>
  );
};
