// biome-ignore-all lint/suspicious/noTemplateCurlyInString: TypeScript is written here, as the command writes it
import type { Manifest } from "@hitagi/contract";
import { expect, test } from "vitest";
import { translatePlugin } from "../../../src/kit/port/translate-plugin.ts";

const manifest = (fields: Partial<Manifest> = {}): Manifest => ({
  namespace: "ported",
  type: "script",
  name: "Ported",
  version: "1.0.0",
  author: "me",
  description: "Is ported.",
  ...fields,
});

/** Translates the statements of an entry point. @returns its lines without the indentation */
const translate = (body: string, more = "", fields: Partial<Manifest> = {}) => {
  const sub = { metadata: "get_tags", download: "provide_url", login: "do_login", script: "run_script" };
  const type = fields.type ?? "script";
  const source = `package LANraragi::Plugin::Managed::Scripts::Ported;\nuse strict;\nsub plugin_info { return (name => "x"); }\n\nsub ${sub[type]} {\n${body}\n}\n${more}\n1;\n`;
  const { text, report, hosts } = translatePlugin(source, manifest(fields), "Ported.pm");
  const lines = text.split("\n").map((line) => line.trim());
  const start = lines.findIndex((line) => /^(?:async )?(?:getTags|provideUrl|login|run)\(/.test(line));
  return { text, report, hosts, lines: lines.slice(start + 1, lines.lastIndexOf("},")) };
};

/** Each statement with its translation. */
const statements: readonly (readonly [perl: string, typeScript: string])[] = [
  ['my $a = "b: $x->{c}[0]";', 'const a = `b: ${x?.c?.[0] ?? ""}`;'],
  ["my $a = 'it\\'s' eq \"b\" ? 1 : 0;", 'const a = ("it\'s" === "b") ? 1 : 0;'],
  [
    "my @a = map { lc $_ } @{ $x->{list} };",
    'const a: any[] = (x?.list ?? []).map((value: any) => String(value ?? "").toLowerCase());',
  ],
  [
    "my @a = grep { $_ ne 'a' } sort keys %$x;",
    'const a: any[] = Object.keys(x ?? {}).sort().filter((value: any) => String(value ?? "") !== "a");',
  ],
  [
    "my %seen = map { $_ => 1 } qw(a b);",
    'const seen: Record<string, any> = Object.fromEntries(["a", "b"].map((value: any) => [value, 1]));',
  ],
  ['my $a = join(", ", "x", @{ $x->{list} });', 'const a = ["x", ...(x?.list ?? [])].join(", ");'],
  [
    'my $a = sprintf("%02d-%s", $x->{n}, "b");',
    'const a = `${String(Math.trunc(Number(x?.n ?? 0))).padStart(2, "0")}-b`;',
  ],
  ["my $a = decode_json($x->{text});", 'const a = JSON.parse(String(x?.text ?? ""));'],
  [
    "my ($a, $b) = $x->{text} =~ /(\\d+)-(.*)/i;",
    'const [, a, b]: any[] = /(\\d+)-(.*)/i.exec(String(x?.text ?? "")) ?? [];',
  ],
  [
    "my @a = $x->{text} =~ /(\\w+):/g;",
    'const a: any[] = [...String(x?.text ?? "").matchAll(/(\\w+):/g)].map((found) => found[1]);',
  ],
  ["$x->{a}{b} = 1;", "(x.a ??= {}).b = 1;"],
  ["push @{ $x->{list} }, 'a', 'b';", '(x.list ??= []).push("a", "b");'],
  ["$x->{n}++;", "x.n = Number(x?.n ?? 0) + 1;"],
  [
    'die "no $x->{a}\\n" unless exists $x->{a};',
    'if (!(x?.a !== undefined)) {\nthrow new Error(`no ${x?.a ?? ""}`);\n}',
  ],
  [
    "my $a = Mojo::DOM->new($x->{html})->at('title')->text;",
    'const a = ctx.html(String(x?.html ?? "")).querySelector("title")?.textContent;',
  ],
  [
    "my $a = Mojo::DOM->new($x->{html})->find('a')->map(attr => 'href')->join(',');",
    'const a = [...ctx.html(String(x?.html ?? "")).querySelectorAll("a")].map((value) => value?.getAttribute("href")).join(",");',
  ],
  [
    "my $a = substr($x->{a}, 0, 3) . uc('b');",
    'const a = `${String(x?.a ?? "").slice(0, 3)}${"b".toUpperCase()}`;',
  ],
  ["if (ref $x->{a} eq 'ARRAY') { return 1; }", "if (Array.isArray(x?.a)) {\nreturn 1;\n}"],
];

test.each(statements)("%s", (perl, typeScript) => {
  const { lines, report } = translate(
    `my $x = from_json('{}');\n${perl}\nreturn (a => 1);`.replace("return 1;", "return (b => 1);"),
  );
  const expected = typeScript.replace("return 1;", "return { b: 1 };");
  expect(lines.join("\n")).toContain(expected);
  expect(report.left).toEqual([]);
});

test("a match that is read later is kept, and a substitution is an assignment", () => {
  const { lines } = translate(
    `my $t = lc "A-1";\nif ($t =~ /(\\w)-(\\d)/) { $t =~ s/-/+/g; }\n$t =~ s/(\\d)/<$1>/;\nreturn (t => "$t$2");`,
  );
  expect(lines).toEqual([
    "let match: any;",
    'let t = "A-1".toLowerCase();',
    "if (match = /(\\w)-(\\d)/.exec(t)) {",
    't = t.replace(/-/g, "+");',
    "}",
    't = t.replace(/(\\d)/, "<$1>");',
    'return { t: `${t}${match?.[2] ?? ""}` };',
  ]);
});

test("functions get the context where they need it, are awaited, and lose what they can read themselves", () => {
  const { text, report } = translate(
    `my ($class, $info) = @_;\nmy $logger = get_plugin_logger();\nmy ($a, $b) = page_of($logger, $info->{user_agent}, "x");\nreturn (a => $a, b => $b);`,
    `sub page_of {\n my ($log, $ua, $path) = @_;\n my $res = $ua->get("https://api.example.org/$path")->result;\n $log->info("got " . $res->code);\n return ($res->json->{a}, plain(2));\n}\nsub plain { my $n = shift; return $n + 1; }`,
  );
  expect(report.left).toEqual([]);
  expect(text).toContain('const [a, b]: any[] = (await pageOf(ctx, "x"));');
  expect(text).toContain("async function pageOf(ctx: ScriptContext, path?: any): Promise<any> {");
  expect(text).toContain(
    'const res = await request(`https://api.example.org/${path ?? ""}`, { signal: ctx.signal });',
  );
  expect(text).toContain("return [JSON.parse(res.text)?.a, plain(2)];");
  expect(text).toContain("function plain(n?: any): any {");
  expect(text).toContain('permissions: { net: ["api.example.org"] },');
});

test("what has no translation is a comment with its line, and stops a run there", () => {
  const { lines, report, text } = translate(
    `my $redis = LANraragi::Model::Config->get_redis;\n# Counts.\nmy $n = 1;\nif (-e "/tmp/x") { $n = 2; }\nreturn (n => $n);`,
  );
  expect(lines.slice(0, 8)).toEqual([
    "// Perl: my $redis = LANraragi::Model::Config->get_redis;",
    "notTranslated(6);",
    "let redis: any;",
    "// Counts.",
    "let n = 1;",
    "if (notTranslated(9)) {",
    '// Perl: if (-e "/tmp/x")',
    "n = 2;",
  ]);
  expect([report.statements, report.translated, report.left.map(({ line }) => line)]).toEqual([5, 3, [6, 9]]);
  expect(text).toContain("Line ${line} of Ported.pm is not translated.");
});

test("an older plugin gets its settings by place, with the names that its owner sees", () => {
  const fields = { parameters: { arg1: { type: "bool" }, arg2: { type: "string" } } } as const;
  const source = `package X;\nsub plugin_info { return (parameters => [ { type => "bool" }, { type => "string" } ]); }\nsub run_script {\n shift;\n my $info = shift;\n my ($deep, $name) = @_;\n return (deep => $deep ? 1 : 0, name => $name);\n}\n1;`;
  const { text, report } = translatePlugin(source, manifest(fields), "X.pm");
  expect(report.left).toEqual([]);
  expect(text).toContain("const deep = ctx.settings.arg1;\n    const name = ctx.settings.arg2;");
  expect(text).toContain("satisfies ScriptPlugin<typeof parameters>;");
});

test("a login gathers its cookies, and a download answers an address", () => {
  const login = translate(
    `my $ua = Mojo::UserAgent->new;\n$ua->cookie_jar->add(Mojo::Cookie::Response->new(name => "a", value => 1, domain => "example.org", path => "/"));\nreturn $ua;`,
    "",
    { type: "login" },
  );
  expect(login.lines).toEqual([
    "const ua = [] as any[];",
    'ua.push({ name: "a", value: String(1), domain: "example.org", path: "/" });',
    "return { cookies: ua };",
  ]);
  const download = translate(
    `my ($class, $info) = @_;\nreturn (error => "no") unless $info->{url} =~ /\\d/;\nreturn (download_url => $info->{url} . "/file");`,
    "",
    { type: "download", url_regex: "^https://" },
  );
  expect(download.lines).toEqual([
    "if (!/\\d/.test(ctx.url)) {",
    'throw new Error("no");',
    "}",
    "return { downloadUrl: `${ctx.url}/file` };",
  ]);
});

test("a source that is not even made of tokens says where", () => {
  expect(() => translatePlugin('my $x = "no end', manifest(), "X.pm")).toThrow(/has no end/);
});

test("a manifest comes over whole, and asks for its login plugin", () => {
  const fields = {
    login_from: "site-login" as const,
    oneshot_arg: "An address",
    cooldown: 4,
    to_named_params: ["language"],
    icon: "data:image/png;base64,",
    parameters: { language: { type: "string" as const } },
  };
  const { text } = translate("return 1;", "", fields);
  expect(text).toContain('login_from: "site-login",\n  requires: { plugins: { "site-login": "*" } },');
  for (const field of Object.keys(fields))
    expect(text).toContain(`  ${field}${field === "parameters" ? "," : ":"}`);
  expect(translate("return 1;").text).not.toContain("requires");
});
