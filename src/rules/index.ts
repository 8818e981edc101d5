export { runCases } from './cases.js';
export { describeExpression } from './describe.js';
export { judgeRules, prepareRules } from './judge.js';
export { lintRule } from './lint.js';
export { loadRules } from './load.js';
export { evaluate } from './prove.js';
export { openRequirements } from './requirements.js';
export { compareFindings } from './severity.js';
