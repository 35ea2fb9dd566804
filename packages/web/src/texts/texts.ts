import { i18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { useMemo } from "react";
import type activity from "./en/activity.json";
import type app from "./en/app.json";
import type browse from "./en/browse.json";
import type history from "./en/history.json";
import type home from "./en/home.json";
import type library from "./en/library.json";
import type permissions from "./en/permissions.json";
import type plugins from "./en/plugins.json";
import type registries from "./en/registries.json";
import type server from "./en/server.json";
import type session from "./en/session.json";
import { formatOf } from "./format-of.ts";

type Texts = typeof activity &
  typeof app &
  typeof browse &
  typeof history &
  typeof home &
  typeof library &
  typeof permissions &
  typeof plugins &
  typeof registries &
  typeof server &
  typeof session;

/** The id of a text. The texts stand in one file for each language and feature, in ICU MessageFormat. */
export type TextId = keyof Texts;

type Messages = Record<string, string | readonly unknown[]>;

type Loader = () => Promise<{ default: Messages }>;

/** The texts that Home shows, and those of the other places. */
const loaders = {
  en: [() => import("virtual:texts/en"), () => import("virtual:texts/places-en")],
  ja: [() => import("virtual:texts/ja"), () => import("virtual:texts/places-ja")],
  zh: [() => import("virtual:texts/zh"), () => import("virtual:texts/places-zh")],
  /** English, as long as German, to see that nothing depends on the length of a text. */
  long: [
    async () => ({
      default: (await import("./longer.ts")).longer((await import("virtual:texts/en")).default),
    }),
    async () => ({
      default: (await import("./longer.ts")).longer((await import("virtual:texts/places-en")).default),
    }),
  ],
} satisfies Record<string, [first: Loader, places: Loader]>;

export type Language = keyof typeof loaders;
/** The languages that a person can choose, as they call themselves. */
export const languages: { id: Language; name: string }[] = [
  { id: "en", name: "English" },
  { id: "ja", name: "日本語" },
  { id: "zh", name: "简体中文" },
];

const STORED = "hitagi-language";

const isLanguage = (text: string | null | undefined): text is Language =>
  text != null && Object.hasOwn(loaders, text);

/** The chosen language, or the first of the browser's that there is. */
const preferred = (): Language => {
  const stored = localStorage.getItem(STORED);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((tag) => tag.split("-")[0]).find(isLanguage) ?? "en";
};

/** The language that was chosen last. */
let chosen: Language | undefined;
/** Given once a place but Home was opened. */
let places: Promise<void> | undefined;

const activate = async (language: Language): Promise<void> => {
  chosen = language;
  const [first, rest] = loaders[language];
  const parts = await Promise.all([first(), ...(places ? [rest()] : [])]);
  // Another language was chosen meanwhile.
  if (chosen !== language) return;
  const messages = Object.assign({}, ...parts.map((part) => part.default)) as Messages;
  i18n.loadAndActivate({ locale: language, locales: localeOf(language), messages: messages as never });
  document.documentElement.lang = localeOf(language);
};

/** The locale of numbers and dates. */
const localeOf = (language: string): string =>
  language === "zh" ? "zh-CN" : language === "long" ? "en" : language;

/** Loads the texts of the preferred language. */
export const startTexts = (): Promise<void> => activate(preferred());

/** Loads the texts of all places, once. Only Home can be shown without them. */
export const loadPlaceTexts = (): Promise<void> => {
  places ??= Promise.resolve().then(() => activate(chosen ?? preferred()));
  places.catch(() => (places = undefined));
  return places;
};

/** Changes the language, and keeps the choice in this browser. */
export const chooseLanguage = async (language: Language): Promise<void> => {
  localStorage.setItem(STORED, language);
  await activate(language);
};

export type Values = Record<string, string | number>;
export type Translate = (id: TextId, values?: Values) => string;

/** The text of an id in the current language, outside of components. */
export const translate: Translate = (id, values) => i18n._(id, values);

/** Whether a text exists, for ids made of what the server sends. */
export const hasText = (id: string): id is TextId => Object.hasOwn(i18n.messages, id);

const numberOf = formatOf((locale) => new Intl.NumberFormat(locale));
const listOf = formatOf((locale) => new Intl.ListFormat(locale, { type: "conjunction" }));

/** The function that translates, and what writes numbers and dates. */
export const useTexts = () => {
  const { i18n: current } = useLingui();
  const locale = localeOf(current.locale);
  return useMemo(
    () => ({
      t: ((id, values) => current._(id, values)) as Translate,
      language: current.locale as Language,
      locale,
      number: (value: number) => numberOf(locale).format(value),
      bytes: (value: number) => formatBytes(locale, value),
      list: (items: readonly string[]) => listOf(locale).format(items),
    }),
    [current, locale],
  );
};

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

const sizesOf = formatOf((locale) =>
  UNITS.map(
    (unit, power) =>
      new Intl.NumberFormat(locale, {
        style: "unit",
        unit,
        unitDisplay: power === 0 ? "long" : "short",
        maximumFractionDigits: power === 0 ? 0 : 1,
      }),
  ),
);

/** A size as people write it, such as 3.4 MB. */
const formatBytes = (locale: string, bytes: number): string => {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  return sizesOf(locale)[power]?.format(bytes / 1000 ** power) ?? "";
};
