/** Whole seconds since 1970, by the system's clock. */
export const epochSeconds = (): number => Math.floor(Date.now() / 1000);

/** The last second that has a year of four digits. */
const LAST_SECOND = 253_402_300_799;

/** A second since 1970 as a UTC time YYYY-MM-DDTHH:MM:SSZ (RFC 3339), without its fraction; the nearest one that has this form. */
export const utcTime = (seconds: number): string =>
  new Date(Math.min(Math.max(seconds, 0), LAST_SECOND) * 1000).toISOString().replace(/\.\d+Z$/, "Z");

const twoDigits = (n: number): string => String(Math.trunc(Math.abs(n))).padStart(2, "0");

/** The distance from UTC at a time, such as `+01` or `-03:30`. */
const zoneText = (date: Date): string => {
  const minutes = -date.getTimezoneOffset();
  const rest = minutes % 60 === 0 ? "" : `:${twoDigits(minutes % 60)}`;
  return `${minutes < 0 ? "-" : "+"}${twoDigits(minutes / 60)}${rest}`;
};

const dayText = (date: Date): string =>
  `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;

/** Epoch seconds as this machine's time of day, to the second. */
export const clockText = (epoch: number): string => {
  const date = new Date(epoch * 1000);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
};

/** Epoch seconds as local time with its zone, to the second: `2027-01-31 14:05:09 +01`. */
export const timeText = (epoch: number): string => {
  const date = new Date(epoch * 1000);
  return `${dayText(date)} ${clockText(epoch)} ${zoneText(date)}`;
};

/** The same to the minute. */
export const minuteText = (epoch: number): string => {
  const date = new Date(epoch * 1000);
  return `${dayText(date)} ${clockText(epoch).slice(0, 5)} ${zoneText(date)}`;
};

/** An RFC 3339 time as local time to the minute. A text that is no time, such as of a backup that another program made, stays as it is. */
export const localTime = (text: string): string => {
  const at = Date.parse(text) / 1000;
  return Number.isNaN(at) ? text : minuteText(at);
};
