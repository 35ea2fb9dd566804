/** The pipelines of the first form, as version 0.0.9 wrote them. */
export const FIRST_PIPELINES = {
  ".github/workflows/check.yml": `# Set the variable HITAGI_PACKAGE of the repository to the address of hitagi-0.0.9.tgz.
name: check
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    env:
      HITAGI_PACKAGE: \${{ vars.HITAGI_PACKAGE }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm install --global "$HITAGI_PACKAGE"
      - run: npm install
      - run: npm test
      - run: hitagi check my-plugin.ts
`,
  ".gitlab-ci.yml": `# Set the variable HITAGI_PACKAGE of the project to the address of hitagi-0.0.9.tgz.
check:
  image: node:22
  script:
    - npm install --global "$HITAGI_PACKAGE"
    - npm install
    - npm test
    - hitagi check my-plugin.ts
`,
};
