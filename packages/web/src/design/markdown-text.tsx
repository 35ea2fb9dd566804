import { useLayoutEffect, useRef } from "react";
import classes from "./markdown.module.css";
import { toFragment } from "./sanitised-markdown.ts";

const MarkdownText = ({ text }: { text: string }) => {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.replaceChildren(toFragment(text)), [text]);
  return <div ref={place} className={classes.markdown} />;
};

export default MarkdownText;
