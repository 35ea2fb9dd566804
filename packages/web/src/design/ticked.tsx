/** A text of the server, whose parts between backticks are commands or names. All of it is text, never HTML. */
export const Ticked = ({ text }: { text: string }) =>
  text
    .split("`")
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
    .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
