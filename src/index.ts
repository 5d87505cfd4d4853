/** The library's public face: read, compute, report. The command line uses nothing else. */
export { formatBook } from './book/formatBook.ts';
export { parseBook } from './book/parseBook.ts';
export type { BookJson } from './book/schema.ts';
export { type Chain, connect } from './chain/connect.ts';
export type { Deployment } from './chain/deployment.ts';
export { pin } from './chain/pin.ts';
export { computeMargin } from './engine/margin.ts';
export { requirePreset } from './engine/models/presets.ts';
export type { Margin } from './engine/result.ts';
export { MarginError, SourceError } from './errors.ts';
export { readSnapshot, readSnapshotOf } from './node/snapshot.ts';
export { marginOracleAbi } from './post/marginOracleAbi.ts';
export { type OnChainMargin, readOnChainMargin } from './post/oracleReader.ts';
export type { MarginLeaf } from './report/leaf.ts';
export { buildReport, type Report } from './report/report.ts';
export { buildTree } from './report/tree.ts';
export { type MarginRoot, rootDigest, rootTypedData } from './report/typedData.ts';
export { type FileStore, openFileStore } from './store/files.ts';
