// Makes what is shipped from `src/`: the script that the server serves, which is committed so that nobody needs Node to
// run Avow, and the npm package with its declarations, which is not. With `--package` only the latter is made. With
// `--check` nothing is written: it says whether the committed script is what its source builds to and keeps to its size,
// and whether the types hold.

import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const WIDGET = resolve(here, "../src/avow/messenger/static/widget.js");
const PACKAGE = resolve(here, "dist");
const MOST_GZIPPED = 12 * 1024;
const version = JSON.parse(readFileSync(join(here, "package.json"), "utf8")).version;
const common = {
  bundle: true, write: false, target: "es2017", charset: "utf8", legalComments: "none",
  define: { AVOW_VERSION: JSON.stringify(version) }, logLevel: "error",
};

async function bundled(entry, options) {
  const result = await build({ ...common, entryPoints: [join(here, "src", entry)], ...options });
  return result.outputFiles[0].text;
}

function declarations() {
  const place = mkdtempSync(join(tmpdir(), "avow-types-"));
  try {
    const tsc = join(here, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", here, "--outDir", place], { stdio: "inherit" });
    return readdirSync(place).filter((name) => /^(package|types)\.d\.ts$/.test(name))
      .map((name) => [join(PACKAGE, name), readFileSync(join(place, name), "utf8")]);
  } finally {
    rmSync(place, { recursive: true });
  }
}

const banner = `/*! Avow ${version}, Apache-2.0. Made from browser/src by \`make browser\`. */\n`;
const files = new Map([
  [WIDGET, banner + (await bundled("widget.js", { minify: true, format: "iife" }))],
  [join(PACKAGE, "index.js"), banner + (await bundled("package.js", { format: "esm" }))],
  [join(PACKAGE, "LICENSE"), readFileSync(resolve(here, "../LICENSE"), "utf8")],
  ...declarations(),
]);
const size = gzipSync(files.get(WIDGET), { level: 9 }).length;
const faults = size > MOST_GZIPPED ? [`the script has ${size} bytes gzipped; ${MOST_GZIPPED} are allowed`] : [];
for (const [path, text] of files) {
  if (process.argv.includes("--check")) {
    if (path !== WIDGET) continue;
    let found = "";
    try { found = readFileSync(path, "utf8"); } catch { /* it is missing, and so it differs */ }
    if (found !== text) faults.push(`${path} is not what the source builds to; run: make browser`);
  } else if (path !== WIDGET || !process.argv.includes("--package")) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
console.log(`widget.js: ${size} bytes gzipped of ${MOST_GZIPPED}`);
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
