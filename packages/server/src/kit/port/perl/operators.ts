/** How strongly operators bind (perlop), and whether they group to the right. Those of one line are equal. */
export const LEVEL = {
  or: 1,
  and: 2,
  not: 3,
  list: 4,
  assignment: 5,
  choice: 6,
  named: 14,
  sign: 19,
  power: 20,
} as const;

const levels: readonly (readonly [level: number, operators: string])[] = [
  [LEVEL.or, "or xor"],
  [LEVEL.and, "and"],
  [7, ".. ..."],
  [8, "|| //"],
  [9, "&&"],
  [10, "| ^"],
  [11, "&"],
  [12, "== != <=> eq ne cmp"],
  [13, "< > <= >= lt gt le ge"],
  [15, "<< >>"],
  [16, "+ - ."],
  [17, "* / % x"],
  [18, "=~ !~"],
  [LEVEL.power, "**"],
];

export const binaryLevels: ReadonlyMap<string, number> = new Map(
  levels.flatMap(([level, operators]) => operators.split(" ").map((operator) => [operator, level] as const)),
);

export const ASSIGNMENTS = new Set("= += -= *= /= .= %= x= ||= &&= //= **= |= &= ^= <<= >>=".split(" "));

/** Functions that take one value, so that a comma ends it. */
export const UNARY_FUNCTIONS = new Set(
  "defined ref scalar lc uc lcfirst ucfirst fc length exists delete shift pop chomp chop keys values each int abs sqrt log exp quotemeta undef chr ord hex oct rand close caller chdir rmdir readline lock".split(
    " ",
  ),
);

/** Functions that take a block, and what it is run on. */
export const BLOCK_FUNCTIONS = new Set("map grep sort first any all none notall sum_by uniq_by".split(" "));
