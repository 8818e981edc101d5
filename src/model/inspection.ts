import type { ImageAnalysis } from './analysis.js';
import type { LinkStep, RootfsEntry } from './rootfs.js';
import type { AnalysedBinary } from './start.js';

/** What another library says of a whole file. Shown beside ours, labelled; no verdict depends on it. */
export type OtherView =
  | {
      readonly library: string;
      readonly accepted: true;
      readonly headers: Readonly<Record<string, string | number | boolean | null>>;
      readonly sections: readonly object[];
      readonly resources?: readonly object[];
    }
  | { readonly library: string; readonly accepted: false; readonly reason: string };

/** What was seen of an image, without any judgement. */
export interface Inspection {
  readonly analyses: readonly ImageAnalysis[];
  readonly notes: readonly string[];
  /** The file that was asked for; null where none was. */
  readonly file: InspectedFile | null;
}

export interface InspectedFile {
  readonly analysis: ImageAnalysis;
  readonly entry: RootfsEntry;
  readonly realPath: string;
  readonly links: readonly LinkStep[];
  readonly binary: AnalysedBinary | null;
  readonly otherViews: readonly OtherView[];
}
