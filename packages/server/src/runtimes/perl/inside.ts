/** Paths inside the confinement. */
export const INSIDE = {
  harness: "/hitagi",
  temporary: "/tmp",
  archives: "/archives",
  host: "/host",
} as const;
