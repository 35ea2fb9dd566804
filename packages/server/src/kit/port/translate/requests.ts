import type { Expression } from "../perl/syntax.ts";
import { type Code, plain, Untranslatable } from "./code.ts";
import { textCode, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

type Method = Extract<Expression, { kind: "method" }>;

/** The fields of the request after its address: headers as a hash, then `form` or `json` with a value. */
const fieldsOf = (
  t: Translation,
  args: readonly Expression[],
): { headers: string | undefined; body: string | undefined } => {
  let headers: string | undefined;
  let body: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const isName = arg?.kind === "string" && (arg.text === "form" || arg.text === "json");
    if (arg?.kind === "hash") headers = valueCode(t, arg).text;
    else if (isName && args[i + 1]) {
      const value = valueCode(t, args[++i] ?? arg);
      body = arg.text === "form" ? `new URLSearchParams(${plain(value)})` : `JSON.stringify(${plain(value)})`;
      if (arg.text === "json") headers ??= '{ "content-type": "application/json" }';
    } else if (arg && i === args.length - 1) body = textCode(t, arg).text;
    else throw new Untranslatable("a request of this form");
  }
  return { headers, body };
};

/** A request of the agent. Its answer is read as a whole, because Perl reads it more than once. */
export const requestOf = (
  t: Translation,
  _target: Code,
  { name, args: [address, ...more] }: Method,
): Code => {
  if (!address) throw new Untranslatable("a request without an address");
  const at = valueCode(t, address);
  const { headers, body } = fieldsOf(t, more);
  const fields = [
    ...(name === "get" ? [] : [`method: ${JSON.stringify(name.toUpperCase())}`]),
    ...(headers === undefined ? [] : [`headers: ${headers}`]),
    ...(body === undefined ? [] : [`body: ${body}`]),
    `signal: ${t.context}.signal`,
  ];
  const to = at.type === "address" ? at.text : textCode(t, address).text;
  return t.awaited(`${t.helper("request")}(${to}, { ${fields.join(", ")} })`, "response");
};
