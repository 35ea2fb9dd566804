import type { RegistryIndex } from "@hitagi/contract";

/** The badge of a registry, which `publish` writes beside its page. */
export const BADGE_FILE = "badge.svg";

/** A server listens here unless its owner says otherwise. */
const USUAL_SERVER = "http://127.0.0.1:3000";

/** Opens "add this registry" in the page of the owner's own server. */
export const addAddress = (address: string): string =>
  `${USUAL_SERVER}/registries?add=${encodeURIComponent(address)}`;

/** About what a letter of the badge takes, in pixels. */
const LETTER = 6.4;

/** A badge with the number of plugins: the same for the same registry. */
export const badgeOf = ({ plugins }: Pick<RegistryIndex, "plugins">): string => {
  const count = Object.keys(plugins).length;
  const [left, right] = ["Hitagi registry", count === 1 ? "1 plugin" : `${count} plugins`];
  const [a = 0, b = 0] = [left, right].map((text) => Math.round(text.length * LETTER) + 12);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${a + b}" height="20" role="img" aria-label="${left}: ${right}">
<rect width="${a}" height="20" fill="#444"/><rect x="${a}" width="${b}" height="20" fill="#2a6f4e"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="${a / 2}" y="14">${left}</text><text x="${a + b / 2}" y="14">${right}</text></g></svg>
`;
};
