#!/usr/bin/env node
// A file of its own, so that npm can link it before the program is built.
import "../dist/hitagi.js";
