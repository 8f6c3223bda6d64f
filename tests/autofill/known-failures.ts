/** Labelled pages that the engine gets wrong, by corpus, of the first `pagesOfEach`. Edited when corpus.test.ts says that one came or went. */
export const pagesOfEach = 50

export const knownFailures: Readonly<Record<string, readonly string[]>> = {
  formasaurus: ['f2', 'f83', 'f97'],
  ddg: [
    'apple_checkout',
    'apple_signup',
    'asana_tasklist',
    'costco_checkout',
    'craigslist_account',
    'ebay_checkout',
    'fox_signup',
    'instagram_signup',
    'reddit_signup',
    'steam_checkout',
  ],
  chromium: ['000_i18n_de', '004_i18n_fr', '009_i18n_ru', '161_i18n_tr'],
}
