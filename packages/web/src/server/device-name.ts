const browsers: [string, RegExp][] = [
  ["Edge", /Edg\//],
  ["Opera", /OPR\//],
  ["Firefox", /Firefox\//],
  ["Chrome", /Chrom(e|ium)\//],
  ["Safari", /Safari\//],
];
const systems: [string, RegExp][] = [
  ["Android", /Android/],
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux/],
];

/** A browser and its system, of what it calls itself; that text itself if it names none that is known. */
export const deviceName = (agent: string): string => {
  const [browser, system] = [browsers, systems].map(
    (known) => known.find(([, mark]) => mark.test(agent))?.[0],
  );
  return [browser, system].filter(Boolean).join(", ") || agent;
};
