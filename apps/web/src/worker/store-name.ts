/** One store for the app's origin, whichever tab or worker opens it. */
export const storeName = 'nokkelring'
/** other tabs of this browser share the store, each with a worker of its own */
export const tabsChannel = 'nokkelring'
