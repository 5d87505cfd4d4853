import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where Chromium is; undefined where it is not installed. */
export function findBrowser(): string | undefined {
  return PLACES.find((place) => existsSync(place));
}

/** Why a test of a page is skipped. */
export const NO_BROWSER = `Chromium is at none of ${PLACES.join(', ')}: run scripts/browser.sh as root, or apt-get install chromium`;

/** A real Chromium without a window. Close it. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGUMENTS });
}
