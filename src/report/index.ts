import type { Reporter } from '../model/report.js';
import { json } from './json.js';
import { pretty } from './pretty.js';

/** Every format of the report; the first is the default. */
export const reporters: readonly Reporter[] = [pretty, json];
