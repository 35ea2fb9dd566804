/** npm knows no package of this name: the release is a file. */
export const INSTALL = 'npm install --global "$HITAGI_PACKAGE"';

/** The first steps of a job on GitHub or Forgejo. */
export const FIRST_STEPS = `    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: ${INSTALL}`;
