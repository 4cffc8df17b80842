// Whether `.dist/` is older than a source. Read by the launcher, so: plain JavaScript for any Node.
'use strict';

const fs = require('fs');
const path = require('path');

/** @param {string} root @returns {boolean} False also where there are no sources: in an installed package. */
exports.isStale = function isStale(root) {
  if (!fs.existsSync(path.join(root, 'cli', 'main.ts'))) return false;
  let built;
  try {
    built = fs.statSync(path.join(root, '.dist', '.stamp')).mtimeMs;
  } catch (_missing) {
    return true;
  }
  return ['cli', 'engine', 'package.json', 'package-lock.json'].some((name) =>
    newer(path.join(root, name), built),
  );
};

function newer(file, than) {
  const stat = fs.statSync(file);
  if (stat.mtimeMs > than) return true;
  return (
    stat.isDirectory() && fs.readdirSync(file).some((name) => newer(path.join(file, name), than))
  );
}
