import { FIRST_STEPS, INSTALL } from "../../kit/scaffold/ci-steps.ts";
import { version } from "../../version.ts";
import type { NewFile } from "../write-files.ts";

const NOTE = `# Set the variable HITAGI_PACKAGE to the address of hitagi-${version}.tgz. A signed registry also needs the secret
# HITAGI_SIGNING_KEY (and HITAGI_SIGNING_PASSPHRASE): the text of the file that \`hitagi registry keygen\` wrote.`;

/** The token of the run pushes, and ends with it; no token of a person is stored. */
const workflow = (runsOn: string): string => `${NOTE}
name: registry
on:
  pull_request:
  push:
    branches: [main]
jobs:
  check:
    if: github.event_name == 'pull_request'
    permissions:
      contents: read
${runsOn}
    env:
      HITAGI_PACKAGE: \${{ vars.HITAGI_PACKAGE }}
${FIRST_STEPS}
      - run: if [ -f package.json ]; then npm ci; fi
      - run: hitagi registry build . --dry-run
  publish:
    if: github.event_name == 'push'
    permissions:
      contents: write
    concurrency: registry
${runsOn}
    env:
      HITAGI_PACKAGE: \${{ vars.HITAGI_PACKAGE }}
      HITAGI_SIGNING_KEY: \${{ secrets.HITAGI_SIGNING_KEY }}
      HITAGI_SIGNING_PASSPHRASE: \${{ secrets.HITAGI_SIGNING_PASSPHRASE }}
${FIRST_STEPS}
      - run: if [ -f package.json ]; then npm ci; fi
      - run: |
          git config user.name registry
          git config user.email registry@localhost
          hitagi registry publish . --to git
`;

const gitlab = (): string => `${NOTE}
# Allow the job token to push: Settings, CI/CD, Job token permissions, "Allow Git push requests to the repository".
default:
  image: node:22
  before_script:
    - ${INSTALL}
    - if [ -f package.json ]; then npm ci; fi

check:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - hitagi registry build . --dry-run --code-quality gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json

publish:
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_COMMIT_MESSAGE !~ /^Publish /
  resource_group: registry
  script:
    - git config user.name registry
    - git config user.email registry@localhost
    - git remote set-url origin "https://gitlab-ci-token:$CI_JOB_TOKEN@$CI_SERVER_HOST/$CI_PROJECT_PATH.git"
    - git fetch origin "$CI_COMMIT_BRANCH"
    - git checkout -B "$CI_COMMIT_BRANCH" --track "origin/$CI_COMMIT_BRANCH"
    - hitagi registry publish . --to git
`;

/** What forges run: checks at the lines of a change, and publishing from the main branch with a token that ends with the run. */
export const ciFiles = (): NewFile[] => [
  { file: ".github/workflows/registry.yml", content: workflow("    runs-on: ubuntu-latest") },
  {
    file: ".forgejo/workflows/registry.yml",
    content: workflow("    runs-on: docker\n    container:\n      image: node:22"),
  },
  { file: ".gitlab-ci.yml", content: gitlab() },
];
