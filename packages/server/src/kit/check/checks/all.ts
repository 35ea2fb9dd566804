import type { Check } from "../types.ts";
import { broadHost } from "./broad-host.ts";
import { bundle } from "./bundle.ts";
import { description } from "./description.ts";
import { failedSample } from "./failed-sample.ts";
import { fileName } from "./file-name.ts";
import { hangs } from "./hangs.ts";
import { licence } from "./licence.ts";
import { load } from "./load.ts";
import { manifest } from "./manifest.ts";
import { manyRequests } from "./many-requests.ts";
import { missingRight } from "./missing-right.ts";
import { secretInSource } from "./secret-in-source.ts";
import { secretSetting } from "./secret-setting.ts";
import { silentRefusal } from "./silent-refusal.ts";
import { size } from "./size.ts";
import { types } from "./types.ts";
import { unhandledError } from "./unhandled-error.ts";
import { unusedRight } from "./unused-right.ts";
import { urlRegex } from "./url-regex.ts";
import { wrongResult } from "./wrong-result.ts";

/** Every check, in the order in which an author would mend what it finds. */
export const checks: readonly Check[] = [
  fileName,
  bundle,
  load,
  manifest,
  size,
  secretInSource,
  secretSetting,
  missingRight,
  broadHost,
  urlRegex,
  hangs,
  unhandledError,
  failedSample,
  wrongResult,
  silentRefusal,
  manyRequests,
  unusedRight,
  description,
  licence,
  types,
];
