/** The public API. Everything else is private, including paths. */
export { check } from './app/check.js';
export type { CheckOptions } from './app/check.js';
export { parseBinary } from './binary/index.js';
export { memoryView } from './model/view.js';
export type { FileView } from './model/view.js';
export { XosError } from './model/error.js';
export { reporters } from './report/index.js';
export { reportSchema } from './report/schema.js';
export type { Binary } from './model/binary.js';
export type { HostProfile } from './model/host.js';
export type { Report, ReportResult, Reporter, Style } from './model/report.js';
export type { Finding } from './model/rule.js';
export type { Outcome, RouteId, Verdict } from './model/verdict.js';
