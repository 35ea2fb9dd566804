/** A time of day at the end of a text, such as `at 3:30`, `18:30`, `3 am` or `noon`, and what stands before it. */
const AT = /^(.+?)(?: at)? (?:(\d{1,2}):(\d\d) ?(am|pm)?|(\d{1,2}) ?(am|pm)|(noon|midnight))$/;

const INTERVAL = /^every (?:(\d{1,2}) )?(minute|hour)s?$/;
const DAY_OF_MONTH = /^(?:every month|monthly) on (?:the |day )?(\d{1,2})(?:st|nd|rd|th)?$/;

/** Day of the month, month and day of the week, as cron has them. */
const DAYS: Readonly<Record<string, string>> = {
  "every day": "* * *",
  daily: "* * *",
  "every weekday": "* * 1-5",
  weekdays: "* * 1-5",
  "every weekend": "* * 6,0",
  "every week": "* * 1",
  weekly: "* * 1",
  "every month": "1 * *",
  monthly: "1 * *",
  "every month on the last day": "L * *",
};

const WEEKDAY = /^(?:sun|mon|tue|wed|thu|fri|sat)(?:day|sday|nesday|rsday|urday)?s?$/;

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(DAYS).flatMap((text) => text.split(" ")),
  ..."minute minutes hour hours hourly days months at am pm noon midnight and".split(" "),
]);
const NUMBER = /^\d{1,2}(?::\d\d)?(?:am|pm|st|nd|rd|th)?$/;

/** The first word that is in no time in words; undefined if each is in one. */
export const unknownWord = (when: string): string | undefined =>
  when
    .trim()
    .toLowerCase()
    .split(/[\s,]+/)
    .find((word) => !KNOWN.has(word) && !WEEKDAY.test(word) && !NUMBER.test(word));

/** The number of units in the next larger one. */
const SIZE = { minute: 60, hour: 24 } as const;

/** The pattern of `every 15 minutes`. Only divisors of the larger unit repeat evenly. */
const intervalPattern = (count: number, unit: keyof typeof SIZE): string | undefined => {
  if (count < 1 || SIZE[unit] % count !== 0 || count === SIZE[unit]) return undefined;
  const every = count === 1 ? "*" : `*/${count}`;
  return unit === "minute" ? `${every} * * * *` : `0 ${every} * * *`;
};

/** `every monday`, `every monday, wednesday and friday`, `fridays`. */
const weekdaysPattern = (text: string): string | undefined => {
  const days = text.replace(/^every /, "").split(/, and |, ?| and /);
  if (!days.every((day) => WEEKDAY.test(day))) return undefined;
  return `* * ${days.map((day) => day.slice(0, 3)).join(",")}`;
};

const daysPattern = (text: string): string | undefined => {
  const [, day] = DAY_OF_MONTH.exec(text) ?? [];
  return day === undefined ? (DAYS[text] ?? weekdaysPattern(text)) : `${Number(day)} * *`;
};

/** The 24-hour clock's hour; undefined for one that no clock has. */
const hourOf = (hour: number, half: string | undefined): number | undefined => {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half === "pm" ? 12 : 0);
};

/**
 * The cron pattern of English words, such as `every day 03:00`, `every weekday at 7:30 pm` or `every 15 minutes`; midnight where no
 * time of day is given. Undefined for other texts, such as cron patterns.
 */
export const englishPattern = (when: string): string | undefined => {
  const text = when.trim().toLowerCase().replace(/\s+/g, " ");
  if (text === "hourly") return "0 * * * *";
  const [, count = "1", unit] = INTERVAL.exec(text) ?? [];
  if (unit === "minute" || unit === "hour") return intervalPattern(Number(count), unit);
  const [, before = text, clockHour, minute = "0", clockHalf, plainHour, plainHalf, word] =
    AT.exec(text) ?? [];
  const given = clockHour ?? plainHour ?? (word === "noon" ? "12" : "0");
  const hour = hourOf(Number(given), clockHalf ?? plainHalf);
  const days = daysPattern(before);
  return hour === undefined || days === undefined ? undefined : `${Number(minute)} ${hour} ${days}`;
};
