import type { ImageAnalysis } from './analysis.js';
import type { HostProfile } from './host.js';
import type { Requirement } from './rule.js';
import type { JudgedImage } from './verdict.js';

/** One run: what reporters turn into text. */
export interface Report {
  readonly tool: { readonly name: string; readonly version: string };
  readonly results: readonly ReportResult[];
  /** Said once, ahead of the results: "the archive holds three platforms …". */
  readonly notes: readonly string[];
}

export interface ReportResult {
  readonly analysis: ImageAnalysis;
  readonly host: HostProfile;
  readonly judged: JudgedImage;
}

/** How the text is to look. */
export interface Style {
  readonly colour: boolean;
  readonly unicode: boolean;
  /** Columns. */
  readonly width: number;
  readonly verbose: boolean;
}

/** A format of the report: one file in src/report, one line in its index. */
export interface Reporter {
  readonly id: string;
  /** One line, shown by --help. */
  readonly summary: string;
  readonly render: (report: Report, style: Style) => string;
}

/** What images ask of any machine: what `xoscheck requires` shows. */
export interface ImageRequirements {
  readonly tool: Report['tool'];
  readonly notes: readonly string[];
  readonly results: readonly { readonly analysis: ImageAnalysis; readonly requirements: readonly Requirement[] }[];
}
