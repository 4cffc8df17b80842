#!/usr/bin/env node
// Starts sluice under a Node that can run it, whatever Node was asked. Plain JavaScript for any Node.
// Under Node 24 or newer it loads the cli in this process; under an older one it runs itself again under
// the Node that `npm install` brought, passes signals on, and puts the terminal right if that was killed.
'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const childProcess = require('child_process');

const root = path.join(__dirname, '..');
const MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) >= MAJOR_MIN) main();
else runUnder(findNode());

function main() {
  if (require('./build/stale.cjs').isStale(root)) build();
  void import(require('url').pathToFileURL(path.join(root, '.dist', 'cli.js')).href);
}

function build() {
  const script = path.join(root, 'cli', 'build', 'build.ts');
  const result = childProcess.spawnSync(process.execPath, ['--no-warnings', script], {
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) {
    process.stderr.write('sluice: the build failed; see above\n');
    process.exit(1);
  }
}

/** The Node of the platform packages in package.json's optionalDependencies. */
function findNode() {
  const names = [
    'node-' + process.platform + '-' + process.arch,
    'node-bin-' + process.platform + '-' + process.arch,
  ];
  for (const name of names) {
    try {
      const file = require.resolve(name + '/bin/node');
      if (fs.existsSync(file)) return file;
    } catch (_notInstalled) {
      // the next name
    }
  }
  process.stderr.write(
    `sluice needs Node ${MAJOR_MIN} or newer; this is ${process.version}, and none came with the install ` +
      `(was it made with --omit=optional?). Install Node ${MAJOR_MIN}, or run npm install again.\n`,
  );
  process.exit(2);
}

function runUnder(node) {
  const child = childProcess.spawn(node, [__filename].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    // So it knows that somebody stands between npm and itself.
    env: Object.assign({}, process.env, { SLUICE_LAUNCHER: String(process.pid) }),
  });
  ['SIGTERM', 'SIGHUP'].forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal);
    });
  });
  // The terminal sends it to both: the child decides what it means.
  process.on('SIGINT', () => {});
  child.on('error', (error) => {
    process.stderr.write('sluice: cannot run ' + node + ': ' + error.message + '\n');
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    restoreTerminal();
    process.exit(128 + (os.constants.signals[signal] || 0));
  });
}

/** What the screen may have left behind: mouse, focus and paste reports, hidden cursor, alternate screen, raw mode. */
function restoreTerminal() {
  if (!process.stdout.isTTY) return;
  fs.writeSync(
    1,
    '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2026l\x1b[<u\x1b[0m\x1b[?25h\x1b[?1049l',
  );
  if (process.stdin.isTTY)
    childProcess.spawnSync('stty', ['sane'], { stdio: [0, 'ignore', 'ignore'] });
}
