import type { NotificationMessage } from "@hitagi/contract";

/** The lines of a message below its title. */
export const bodyText = ({ items, more }: NotificationMessage): string =>
  [...items.map((item) => `- ${item}`), ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");

/** A message as one text, for people. */
export const plainText = (message: NotificationMessage): string =>
  [`Hitagi: ${message.title}`, bodyText(message)].filter(Boolean).join("\n");
