/** Import of other programs' exports. Pure functions; the format files, the CSV reader and the builder are private. */
export {
  importNoteCodes,
  importReasonCodes,
  type CodeParams,
  type ImportNote,
  type ImportNoteCode,
  type ImportReasonCode,
} from './codes.ts'
export { detectFormat } from './detect.ts'
export { draftFingerprint } from './fingerprint.ts'
export {
  importFormats,
  importLimits,
  type ImportFile,
  type ImportFormat,
  type ImportResult,
  type ImportedItem,
  type RejectedRow,
} from './import-result.ts'
export { parseImport } from './parse-import.ts'
