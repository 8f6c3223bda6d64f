/**
 * Door `./site-data`: the feed's format alone, for the server that fetches it. Nothing of pages, matching or filling may come in here, and no
 * public suffix list.
 */
export {
  cleanFeedFile,
  feedCeilings,
  feedFileNames,
  feedFiles,
  parseSiteData,
  siteDataFiles,
  siteDataText,
  type CleanFile,
  type FeedFile,
} from './quirks.ts'
