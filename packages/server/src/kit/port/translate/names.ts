const RESERVED = new Set(
  "arguments await break case catch class const continue ctx debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let match new null package private protected public return static super switch this throw true try typeof undefined var void while with yield failure request split quotemeta notTranslated parameters".split(
    " ",
  ),
);

/** `$origin_title` becomes `originTitle`. */
export const camelCase = (name: string): string => {
  const words = name.replace(/^_+/, "").split("_").filter(Boolean);
  const [first = "value", ...more] = words;
  const start = /^[A-Z]+$/.test(first) ? first.toLowerCase() : first.charAt(0).toLowerCase() + first.slice(1);
  const joined = start + more.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return RESERVED.has(joined) ? `${joined}Value` : joined;
};

/** A name that none of these has. */
export const unusedName = (wanted: string, isTaken: (name: string) => boolean): string => {
  let name = wanted;
  for (let n = 2; isTaken(name); n++) name = `${wanted}${n}`;
  return name;
};

/** A property of an object, as it is written: `name`, or `"other name"`. */
export const propertyName = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
