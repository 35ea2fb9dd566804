import { lazy, Suspense } from "react";

const MarkdownText = lazy(() => import("./markdown-text.tsx"));

/** A text that a keeper wrote in Markdown. Its reader and its sanitiser come with the first such text. */
export const Markdown = ({ text }: { text: string }) => (
  <Suspense>
    <MarkdownText text={text} />
  </Suspense>
);
